//go:build linux

package main

import (
	"bytes"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"arduino-gateway/simulator"
)

// TestMonitorOnATerminal sees a board come and go in the table, and the terminal
// left as it was.
func TestMonitorOnATerminal(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	board := simulator.New(t, simulator.Spec{Name: "board", Every: 100 * time.Millisecond, Line: "n={tick}"})
	file := r.configure(devicesFor(board))
	r.start(devicesFor(board))
	r.await("devices/board/n", some(1))
	monitor := exec.Command("gateway", "monitor", "-c", file)
	screen, err := pty.StartWithSize(monitor, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		t.Fatal(err)
	}
	defer screen.Close()
	_ = screen.SetReadDeadline(time.Now().Add(patience))
	var seen bytes.Buffer
	until := func(texts ...string) {
		t.Helper()
		seen.Reset()
		chunk := make([]byte, 4096)
		for !containsAll(seen.String(), texts) {
			n, err := screen.Read(chunk)
			if err != nil {
				t.Fatalf("%q: %v, after %q", texts, err, seen.String())
			}
			seen.Write(chunk[:n])
		}
	}
	until(otherScreen, "BOARD ", "board  online  now", board.Path())
	board.Unplug()
	until("board  offline", "board: Port missing: ")
	_ = monitor.Process.Signal(syscall.SIGINT)
	until(firstScreen)
	if err := monitor.Wait(); err != nil {
		t.Error(err)
	}
}

func containsAll(text string, all []string) bool {
	for _, one := range all {
		if !strings.Contains(text, one) {
			return false
		}
	}
	return true
}
