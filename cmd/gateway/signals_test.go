//go:build linux || darwin

package main

import (
	"syscall"
	"testing"
	"time"
)

// A gateway that is told twice at once, as by timeout(1), still stops in order. This
// test's own process is told, which dies where that is not so.
func TestTheSameSignalTwiceIsOneWord(t *testing.T) {
	ctx, _, stop := untilStopped(t.Context(), time.Hour)
	defer stop()
	for range 20 {
		if err := syscall.Kill(syscall.Getpid(), syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		<-ctx.Done()
		time.Sleep(time.Millisecond)
	}
}
