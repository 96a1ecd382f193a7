//go:build linux

package main

import (
	"context"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestNotify_ReportsToSystemd stands in for systemd, which a test cannot start: it has
// the socket, and listens.
func TestNotify_ReportsToSystemd(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "notify")
	systemd, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer systemd.Close()
	t.Setenv("NOTIFY_SOCKET", socket)
	t.Setenv("WATCHDOG_USEC", "300000")
	hears := func(want string) {
		t.Helper()
		_ = systemd.SetReadDeadline(time.Now().Add(patience))
		for b := make([]byte, 256); ; {
			n, err := systemd.Read(b)
			if err != nil {
				t.Fatalf("%q: %v", want, err)
			}
			if strings.HasPrefix(string(b[:n]), want) {
				return
			}
		}
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "devices.yaml")
	if err := writeFile(file, "mqtt: {broker: mqtt://127.0.0.1:1}\nspool: {dir: "+dir+"}\nhttp: {listen: off}\ndevices: {uno: {port: /dev/nowhere}}\n"); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	s := testShell(io.Discard, io.Discard, nil)
	go func() { ended <- s.run(ctx, []string{"run", "-c", file}) }()
	hears("READY=1")
	hears("STATUS=0 of 1 boards online, 0 lines waiting; no broker: ")
	for range 3 {
		hears("WATCHDOG=1")
	}
	stop()
	hears("STOPPING=1")
	if code := <-ended; code != exitDone {
		t.Errorf("exit code %d", code)
	}
}
