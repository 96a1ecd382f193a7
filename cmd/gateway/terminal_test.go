//go:build linux

package main

import (
	"bytes"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"arduino-gateway/internal/logtest"
	"arduino-gateway/simulator"
)

// A board appears and disappears in the table, and the terminal is restored.
func TestMonitor_OnATerminal(t *testing.T) {
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

// The password is not shown, and Ctrl-C changes nothing.
func TestPasswd_OnATerminal(t *testing.T) {
	t.Parallel()
	users := filepath.Join(t.TempDir(), "users")
	for _, c := range []struct {
		first, second, want string
		code                int
	}{
		{"secret\r", "secret\r", "password of pi set in ", exitDone},
		{"secret\r", "sacred\r", "the passwords differ: nothing was changed", exitFailed},
		{"secret\r", "\x03", "cancelled: nothing was changed", exitFailed},
	} {
		passwd := exec.Command("gateway", "passwd", "-f", users, "pi")
		screen, err := pty.Start(passwd)
		if err != nil {
			t.Fatal(err)
		}
		_ = screen.SetReadDeadline(time.Now().Add(patience))
		var shown logtest.Log
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_, _ = io.Copy(&shown, screen) // to the end of the program, which is an error here
		}()
		for _, talk := range [][2]string{{"password of pi: ", c.first}, {"once more: ", c.second}} {
			shown.Await(t, talk[0])
			if _, err := io.WriteString(screen, talk[1]); err != nil {
				t.Fatal(err)
			}
		}
		<-ended
		_ = screen.Close()
		_ = passwd.Wait()
		if code := passwd.ProcessState.ExitCode(); code != c.code || !strings.Contains(shown.String(), c.want) || strings.Contains(shown.String(), "sec") {
			t.Errorf("%q, %q: exit code %d, %q", c.first, c.second, code, shown.String())
		}
	}
}
