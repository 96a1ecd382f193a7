//go:build linux

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"arduino-gateway/internal/doctor"
	"arduino-gateway/simulator"
)

// The gateway keeps damaged files of its state beside new ones, and logs each once.
func TestState_DamagedFilesAreKept(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.mqtt = ", discovery: homeassistant"
	damaged := map[string]string{}
	if err := os.MkdirAll(filepath.Join(r.dir, "state"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"boards.json", "retained.json", "pauses.json", "bauds.json", "homeassistant.json", "clock"} {
		damaged[name] = `{"half of ` + name
		if err := writeFile(filepath.Join(r.dir, "state", name), damaged[name]); err != nil {
			t.Fatal(err)
		}
	}
	r.start(devicesFor(simulator.New(t, simulator.Spec{Name: "uno"})))
	for name, text := range damaged {
		r.log.Await(t, "cannot read "+name+": ")
		if kept, err := os.ReadFile(filepath.Join(r.dir, "state", name+".unread")); err != nil || string(kept) != text {
			t.Errorf("%s: kept %q, %v", name, kept, err)
		}
	}
	r.awaitMemory("devices/gateway/rig", "devices/uno")
}

// A file of state that cannot be written is written when it can be, though nothing has
// changed since.
func TestState_FailedWriteIsTriedAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	file := filepath.Join(r.dir, "state", "retained.json")
	if err := os.MkdirAll(filepath.Join(file+".new", "in the way"), 0o700); err != nil { // the disk refuses the write
		t.Fatal(err)
	}
	r.start(devicesFor(simulator.New(t, simulator.Spec{Name: "uno"})))
	r.log.Await(t, "cannot save retained.json")
	if err := os.RemoveAll(file + ".new"); err != nil {
		t.Fatal(err)
	}
	r.log.Await(t, "saved retained.json")
	var known []any
	if text, err := os.ReadFile(file); err != nil || json.Unmarshal(text, &known) != nil || len(known) != 2 {
		t.Errorf("%s, %v", text, err)
	}
}

// A spool.dir in memory gets a warning at the start and in doctor.
func TestState_FolderInMemory(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	dir, err := os.MkdirTemp("/dev/shm", "gateway-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	r.dir = dir
	board := simulator.New(t, simulator.Spec{Name: "uno"})
	found := r.examine(r.configure(devicesFor(board)))
	r.expect(found, "spool", doctor.Warn, "is in memory: a reboot loses")
	r.start(devicesFor(board))
	r.log.Await(t, "spool.dir is in memory: a reboot loses the lines that wait")
}
