//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"arduino-gateway/internal/portstest"
	"arduino-gateway/internal/programtest"
)

// BenchmarkMissingBoards runs the gateway with devices whose boards are not plugged in,
// and reports how much of a core it uses. An iteration is a second: -benchtime 20x.
// Some other boards are plugged in; in the second case one of them has a loose plug, and
// comes and goes five times a second. The machine is a copy of /sys, since tests have
// no USB.
func BenchmarkMissingBoards(b *testing.B) {
	b.Run("300 missing", func(b *testing.B) { benchMissing(b, 300, func(string) {}) })
	b.Run("40 missing and a loose plug", func(b *testing.B) {
		benchMissing(b, 40, func(root string) {
			for range 5 {
				noError(b, portstest.Plug(root, "1-2", portstest.Boards["uno"], "ttyACM9"))
				time.Sleep(100 * time.Millisecond)
				noError(b, portstest.Unplug(root, "1-2"))
				time.Sleep(100 * time.Millisecond)
			}
		})
	})
}

// benchMissing runs the gateway for b.N seconds. second is what happens in each.
func benchMissing(b *testing.B, devices int, second func(root string)) {
	dir := b.TempDir()
	root, file := filepath.Join(dir, "machine"), filepath.Join(dir, "devices.yaml")
	for i := range 64 { // as many as Linux has
		noError(b, portstest.Virtual(root, fmt.Sprint("tty", i)))
	}
	for i := range 16 {
		noError(b, portstest.Plug(root, fmt.Sprintf("1-1.%d", i+1), portstest.Boards["nano-clone"], fmt.Sprint("ttyUSB", i)))
	}
	noError(b, os.MkdirAll(filepath.Join(root, "dev"), 0o755))
	text := fmt.Sprintf("gateway: {id: bench}\nmqtt: {broker: embedded, embedded: {listen: \"127.0.0.1:%d\"}}\nspool: {dir: state}\nhttp: {listen: \"off\"}\ndevices:\n", programtest.FreePort(b))
	for i := range devices {
		text += fmt.Sprintf("  board%d: {port: \"usb:2341:0043:%04d\"}\n", i, i)
	}
	noError(b, os.WriteFile(file, []byte(text), 0o600))
	run := exec.Command("gateway", "run", "-c", file)
	run.Env = append(os.Environ(), "GATEWAY_TEST_ROOT="+root)
	noError(b, run.Start())
	defer func() { _ = run.Process.Signal(syscall.SIGTERM); _ = run.Wait() }()
	time.Sleep(6 * time.Second) // until the retries have grown to their longest
	b.ResetTimer()
	begin, before := time.Now(), usedBy(b, run.Process.Pid)
	for range b.N {
		next := time.NewTimer(time.Second)
		second(root)
		<-next.C
	}
	used := usedBy(b, run.Process.Pid) - before
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(100*used.Seconds()/time.Since(begin).Seconds(), "%core")
}

// usedBy returns the CPU time of a process, in ticks of 10 ms:
//
//	4242 (gateway) S 1 4242 4242 0 -1 4194560 3021 0 0 0 117 45 0 0 …
func usedBy(b *testing.B, pid int) time.Duration {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	noError(b, err)
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+2:]))
	var user, system int64
	_, err = fmt.Sscan(fields[11]+" "+fields[12], &user, &system)
	noError(b, err)
	return time.Duration(user+system) * 10 * time.Millisecond
}

func noError(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
