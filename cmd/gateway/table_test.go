package main

import (
	"testing"
	"time"

	"arduino-gateway/internal/control"
)

func TestTableText(t *testing.T) {
	now := time.Now()
	got := tableText(now, control.Status{Problem: "connect failed", Devices: []control.Device{
		{ID: "greenhouse", Online: true, LastLine: now.Add(-time.Second), Rate: 1, Lines: 93212, Path: "/dev/ttyACM0"},
		{ID: "cellar", LastLine: now.Add(-12 * time.Minute), Lines: 3511, Errors: 14, Waiting: 3, Path: "/dev/ttyUSB0",
			Warnings: []string{"Port missing: plug the board in, or correct port."}},
		{ID: "door", Online: true, Paused: now},
	}})
	const want = `BOARD       STATE    LAST LINE  LINES/S  LINES  ERRORS  WAITING  PORT
greenhouse  online   now        1.0      93212  0       0        /dev/ttyACM0
cellar      offline  12m0s ago  0.0      3511   14      3        /dev/ttyUSB0
door        paused   none yet   0.0      0      0       0        -

broker: connect failed
cellar: Port missing: plug the board in, or correct port.
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestAgeText(t *testing.T) {
	now := time.Now()
	for age, want := range map[time.Duration]string{
		0: "now", 1999 * time.Millisecond: "now", 2500 * time.Millisecond: "2s ago", 61 * time.Minute: "1h1m ago", 50 * time.Hour: "50h0m ago", -time.Second: "now",
	} {
		if got := ageText(now, now.Add(-age)); got != want {
			t.Errorf("%v: %s", age, got)
		}
	}
}
