//go:build linux

package main

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"arduino-gateway/internal/doctor"
	"arduino-gateway/simulator"
)

// TestRun_Silence has a board that stops printing, and one that never prints. With
// silence set, the first is offline until its next line, and still gets commands.
// Without it, the second is online as long as its port is open.
func TestRun_Silence(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	talker := simulator.New(t, simulator.Spec{Name: "talker"})
	listener := simulator.New(t, simulator.Spec{Name: "listener"})
	const device = "  %s: {port: %q, commands: {led: {type: bool}}%s}\n"
	r.start(fmt.Sprintf(device, "talker", talker.Path(), ", silence: 1s") + fmt.Sprintf(device, "listener", listener.Path(), ""))
	r.await("devices/listener/status", ending("online"))

	// The board has booted, but not printed yet.
	r.publish("devices/talker/set/led", "on")
	if line, err := talker.Received(testContext(t)); err != nil || line != "led=on" {
		t.Fatalf("the board got %q, %v", line, err)
	}
	if got := r.await("devices/talker/status", ending("offline")); slices.Contains(got, "online") {
		t.Errorf("status %q without a line", got)
	}
	for n := range 2 {
		r.awaitLine(talker, fmt.Sprintf("n=%d", n), "devices/talker/n", fmt.Sprint(n))
		r.await("devices/talker/status", ending("online"))
		r.await("devices/talker/status", ending("offline"))
	}
	if got := r.heard.on("devices/listener/status"); got[len(got)-1] != "online" {
		t.Errorf("the board that only listens is %q", got)
	}
}

// TestRun_StaysOfflineAfterABanner has a board that prints its banner after each reset
// and then hangs. The reopening of its port resets it, and its banner is published, but
// the device stays offline until lines keep coming.
func TestRun_StaysOfflineAfterABanner(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	board := simulator.New(t, simulator.Spec{Name: "hung", ResetOnOpen: true, Boot: 300 * time.Millisecond, Banner: []string{"hello", "boots=1"}})
	r.start(fmt.Sprintf("  hung: {port: %q, silence: 1s}\n", board.Path()))
	r.await("devices/hung/status", ending("online"))
	r.await("devices/hung/status", ending("offline"))
	r.await("devices/hung/boots", some(2)) // status would have come before it
	if got := r.heard.on("devices/hung/status"); got[len(got)-1] != "offline" {
		t.Errorf("status %q after a banner", got)
	}
	r.await("devices/hung/status", func(got []string) bool {
		board.Println("n=1")
		return ending("online")(got)
	})
}

// TestDoctor_ShowsTheAlarmOfASilentBoard has a board that prints nothing. When
// reopening its port did not help, doctor shows what the log says.
func TestDoctor_ShowsTheAlarmOfASilentBoard(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	board := simulator.New(t, simulator.Spec{Name: "hung", ResetOnOpen: true})
	file := r.configure(fmt.Sprintf("  hung: {port: %q, silence: 1s}\n", board.Path()))
	p := launch(t, file)
	p.log.Await(t, "hung: board still silent after its port was reopened")
	r.expect(r.examine(file), "device hung", doctor.Fail, "the gateway reports: board still silent after its port was reopened | check its power")
}
