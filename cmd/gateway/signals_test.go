//go:build linux || darwin

package main

import (
	"syscall"
	"testing"
	"time"
)

// A gateway that gets two signals at once, as from timeout(1), still stops cleanly.
// This test's own process gets them, and would die.
func TestSignals_TwiceAtOnceIsOneStop(t *testing.T) {
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
