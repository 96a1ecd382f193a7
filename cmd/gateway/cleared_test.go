//go:build linux

package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"arduino-gateway/simulator"
)

// Clearing a retained command writes nothing to the board: the broker passes the empty
// message on as if it were sent just now.
func TestRun_ClearedRetainedCommandWritesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := simulator.New(t, simulator.Spec{Name: "lcd", Line: "n={tick}", Every: 100 * time.Millisecond})
	r.start(fmt.Sprintf("  lcd: {port: %q, commands: {say: {type: text}}}\n", b.Path()))
	r.await("devices/lcd/status", ending("online"))
	r.mosquittoPub("-r", "-t", "devices/lcd/set/say", "-m", "kept")
	r.await("devices/lcd/result/say", some(1))
	r.mosquittoPub("-r", "-n", "-t", "devices/lcd/set/say")
	results := r.await("devices/lcd/result/say", some(2))
	if !strings.HasPrefix(results[1], `{"status":"rejected","error":"ignored: the message is empty`) {
		t.Error(results[1])
	}
	r.publish("devices/lcd/set/say", "next")
	for _, want := range []string{"say=kept", "say=next"} {
		if got, err := b.Received(testContext(t)); err != nil || got != want {
			t.Errorf("the board received %q, want %q: %v", got, want, err)
		}
	}
}
