//go:build linux

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"arduino-gateway/internal/atomicfile"
	"arduino-gateway/internal/journal"
	"arduino-gateway/simulator"
)

// mute makes a board accept commands and confirm none.
func mute(b *simulator.Board) string {
	return fmt.Sprintf("  %s: {port: %q, expires: 10m, commands: {say: {type: text, confirm: 'no such line'}}}\n", b.Name(), b.Path())
}

// inFlight publishes two commands: one is at the board, the other waits in the gateway.
func (r *rig) inFlight(b *simulator.Board) {
	r.t.Helper()
	r.await("devices/"+b.Name()+"/status", ending("online"))
	r.publish("devices/"+b.Name()+"/set/say", "one")
	r.publish("devices/"+b.Name()+"/set/say", "two")
	if got := obeyed(r.t, b); got != "say=one" {
		r.t.Fatalf("the board got %q", got)
	}
	r.awaitMemoryOf(b, func() bool { return len(journal.Open(r.journalOf(b), nil).Unfinished()) == 2 })
}

// journalOf returns the journal file of a board.
func (r *rig) journalOf(b *simulator.Board) string {
	return filepath.Join(r.dir, "state", "commands", b.Name())
}

// awaitForgotten waits until a board's journal is empty.
func (r *rig) awaitForgotten(b *simulator.Board) {
	r.t.Helper()
	r.awaitMemoryOf(b, func() bool {
		_, err := os.Stat(r.journalOf(b))
		return errors.Is(err, fs.ErrNotExist)
	})
}

func (r *rig) awaitMemoryOf(b *simulator.Board, enough func() bool) {
	r.t.Helper()
	for ctx := testContext(r.t); !enough(); {
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			data, err := os.ReadFile(r.journalOf(b))
			r.t.Fatalf("the journal has %s, %v", data, err)
		}
	}
}

// results returns the first n results of a board's commands, without took_ms. A result
// that came twice counts once.
func (r *rig) results(b *simulator.Board, n int) (all []string) {
	r.t.Helper()
	topic := "devices/" + b.Name() + "/result/say"
	for _, payload := range r.await(topic, some(n)) {
		words, _, _ := strings.Cut(payload, `,"took_ms"`)
		all = append(all, words)
	}
	return slices.Compact(all)
}

// The device is removed while the gateway is killed. The board can no longer be asked,
// so the results say what is known.
func TestCleanup_ReportsCommandsAfterAKill(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	goes, stays := simulator.New(t, simulator.Spec{Name: "goes"}), simulator.New(t, simulator.Spec{Name: "stays"})
	p := launch(t, r.configure(mute(goes)+devicesFor(stays)))
	r.inFlight(goes)
	p.kill()
	r.start(devicesFor(stays))
	got := r.results(goes, 2)
	if want := []string{
		`{"status":"failed","value":"one","line":"say=one","error":"may have run: the gateway ended while the command was in flight"`,
		`{"status":"expired","value":"two","error":"the gateway ended before the command was written"`,
	}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	r.await("devices/goes/status", ending(""))
	r.awaitForgotten(goes)
}

// The device is removed while the broker is away. The results of its commands are
// published when the broker is back, whether the device is back by then or not.
func TestCleanup_ReportsCommandsWhenTheBrokerIsBack(t *testing.T) {
	t.Parallel()
	for _, back := range []bool{false, true} {
		t.Run(fmt.Sprintf("back=%v", back), func(t *testing.T) {
			r := newKeptRig(t)
			goes, stays := simulator.New(t, simulator.Spec{Name: "goes"}), simulator.New(t, simulator.Spec{Name: "stays"})
			r.start(mute(goes) + devicesFor(stays))
			r.inFlight(goes)
			r.broker.Stop()
			r.configure(devicesFor(stays))
			r.log.Await(t, "goes: device removed")
			if err := goes.WaitClosed(testContext(t)); err != nil {
				t.Fatal(err)
			}
			if back {
				r.configure(mute(goes) + devicesFor(stays))
				r.log.Await(t, "goes: device added")
			}
			r.broker.Restart()
			got := r.results(goes, 2)
			if slices.Sort(got); len(got) != 2 || !strings.Contains(got[0], `"expired","value":"two"`) || !strings.Contains(got[1], `"failed","value":"one","line":"say=one","error":"may have run: `) {
				t.Errorf("got %q", got)
			}
			if !back {
				r.awaitForgotten(goes)
				return
			}
			r.await("devices/goes/status", ending("online"))
			r.publish("devices/goes/set/say", "three")
			if got := obeyed(t, goes); got != "say=three" {
				t.Errorf("the board got %q", got)
			}
		})
	}
}

// Two devices had one client ID, one after the other, and both are removed. Their cleanups
// do not end each other's sessions.
func TestCleanup_OfTwoDevicesWithOneClientID(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	stays := simulator.New(t, simulator.Spec{Name: "stays"})
	known := []map[string]any{}
	for i := range 4 {
		topic := fmt.Sprint("devices/old", i)
		known = append(known, map[string]any{"topic": topic, "client_id": "shared"})
		r.retain(topic+"/status", "offline")
	}
	if err := os.MkdirAll(filepath.Join(r.dir, "state"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := atomicfile.ReplaceJSON(filepath.Join(r.dir, "state", "retained.json"), known); err != nil {
		t.Fatal(err)
	}
	r.start(devicesFor(stays))
	r.awaitMemory("devices/gateway/rig", "devices/stays")
	if n := r.connections("shared"); n != 1 {
		t.Errorf("the client ID connected %d times", n)
	}
	if strings.Contains(r.log.String(), "cleanup failed") {
		t.Error(r.log.String())
	}
	if kept := r.retained(); strings.Contains(kept, "devices/old") {
		t.Errorf("retained:\n%s", kept)
	}
}

// retain publishes a retained message as any user would.
func (r *rig) retain(topic, payload string) {
	r.t.Helper()
	pub := exec.CommandContext(testContext(r.t), "mosquitto_pub", "-h", "127.0.0.1", "-p", strconv.Itoa(r.broker.Port), "-q", "1", "-r", "-t", topic, "-m", payload)
	if out, err := pub.CombinedOutput(); err != nil {
		r.t.Fatalf("mosquitto_pub: %v: %s", err, out)
	}
}
