//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"arduino-gateway/internal/portstest"
)

// gibberer is a board that prints no text, on a pty that records each rate that is set.
// It takes the place of a board with USB, which cannot exist here.
type gibberer struct {
	master, slave *os.File
	stop          chan struct{}
	done          sync.WaitGroup

	mu    sync.Mutex
	rates []uint32 // each change
}

func newGibberer(t *testing.T) *gibberer {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	g := &gibberer{master: master, slave: slave, stop: make(chan struct{})}
	g.record()
	g.done.Go(func() { g.every(time.Millisecond, g.record) })
	g.done.Go(func() { g.every(20*time.Millisecond, func() { _, _ = master.Write([]byte{0x80, 0x01, 0xf8, 0x00}) }) })
	t.Cleanup(func() {
		close(g.stop)
		_ = master.Close()
		g.done.Wait()
		_ = slave.Close()
	})
	return g
}

func (g *gibberer) every(pause time.Duration, do func()) {
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			do()
		case <-g.stop:
			return
		}
	}
}

func (g *gibberer) record() {
	settings, err := unix.IoctlGetTermios(int(g.slave.Fd()), unix.TCGETS2)
	if err != nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if n := len(g.rates); n == 0 || g.rates[n-1] != settings.Ospeed {
		g.rates = append(g.rates, settings.Ospeed)
	}
}

// slowest returns the slowest rate so far, and the one of now.
func (g *gibberer) slowest() (slowest, now uint32) {
	g.record()
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Min(g.rates), g.rates[len(g.rates)-1]
}

// TestRates_NoBoardIsGivenAnOrder runs the gateway with boards to which a slow rate is
// an order, and others. All print no text, so it looks for their rates: with devices:
// auto, with baud: auto and with a fixed rate, and over a pause, a reload and a stop.
func TestRates_NoBoardIsGivenAnOrder(t *testing.T) {
	t.Parallel()
	r := usbRig(t)
	boards := map[string]*gibberer{}
	plug := func(name, driver, vid, pid string) {
		boards[name] = newGibberer(t)
		n := len(boards)
		node := fmt.Sprintf("tty%d=%s", n, boards[name].slave.Name())
		if err := portstest.Plug(r.env["GATEWAY_TEST_ROOT"], fmt.Sprint("1-", n), portstest.Board{VID: vid, PID: pid, Driver: driver}, node); err != nil {
			t.Fatal(err)
		}
	}
	plug("r4", "cdc_acm", "2341", "1002")
	plug("due", "cdc_acm", "2341", "003d")
	plug("pico", "cdc_acm", "2e8a", "000a")
	plug("every", "cdc_acm", "2341", "0058")
	plug("edbg", "cdc_acm", "03eb", "2157")
	plug("rev2", "cdc_acm", "03eb", "2145")
	plug("unknown", "cdc_acm", "cafe", "4001")
	plug("nano", "ch341", "1a86", "7523")
	plug("found", "cdc_acm", "2341", "003d") // by devices: auto, like the next
	plug("r4-found", "cdc_acm", "2341", "1002")
	devices := func(baud, more string) (text string) {
		for i, name := range []string{"r4", "due", "pico", "every", "edbg", "rev2", "unknown", "nano"} {
			text += fmt.Sprintf("  %s: {port: usb-path:1-%d%s%s}\n", name, i+1, baud, more)
		}
		return text + "  auto: {any: true}\n"
	}
	stop := r.start(devices("", ", silence: 4s"))
	r.awaitSlow(boards["nano"])
	r.gateway(exitDone, "pause", "-c", filepath.Join(r.dir, "devices.yaml"), "nano")
	if _, now := boards["nano"].slowest(); now < 4800 {
		t.Errorf("paused at %d baud", now)
	}
	r.gateway(exitDone, "resume", "-c", filepath.Join(r.dir, "devices.yaml"), "nano")
	r.configure(devices(", baud: auto", ""))
	r.log.Await(t, "r4: device changed")
	r.awaitSlow(boards["nano"])
	r.log.Await(t, "ignored until replugged", "port=usb-path:1-9", "board sends no text at any usual baud rate from 4800")
	r.log.Await(t, "ignored until replugged", "port=usb-path:1-10", "board sends no text at any usual baud rate from 4800")
	r.configure(devices(", baud: 1200", ""))
	r.log.Await(t, "due: port not opened at this baud rate")
	r.log.Await(t, "r4: port not opened at this baud rate")
	slow := []string{"nano", "edbg", "rev2"} // the others get none even if the user asks
	for _, name := range slow {
		r.awaitSlow(boards[name])
	}
	stop()
	for name, b := range boards {
		slowest, now := b.slowest()
		if now < 4800 || slowest < 4800 != slices.Contains(slow, name) {
			t.Errorf("%s: rates %d were set", name, b.rates)
		}
	}
}

// TestRates_InitGivesNoOrder runs gateway init with such boards.
func TestRates_InitGivesNoOrder(t *testing.T) {
	t.Parallel()
	r := usbRig(t)
	boards := map[string]*gibberer{"003d": newGibberer(t), "1002": newGibberer(t), "8036": newGibberer(t)}
	for pid, b := range boards {
		socket := "1-" + strings.Trim(pid, "d")
		if err := portstest.Plug(r.env["GATEWAY_TEST_ROOT"], socket, portstest.Board{VID: "2341", PID: pid, Driver: "cdc_acm"}, "tty"+pid+"="+b.slave.Name()); err != nil {
			t.Fatal(err)
		}
	}
	r.gateway(exitDone, "init", "-n", "-for", "3s", "-broker", "embedded")
	for pid, b := range boards {
		slowest, now := b.slowest()
		if slowest < 4800 || now < 4800 || len(b.rates) < 2 {
			t.Errorf("%s: rates %d were set", pid, b.rates)
		}
	}
}

// awaitSlow waits until a search has a slow rate set.
func (r *rig) awaitSlow(b *gibberer) {
	r.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if _, now := b.slowest(); now < 4800 {
			return
		}
	}
	r.t.Fatalf("no slow rate among %d", b.rates)
}
