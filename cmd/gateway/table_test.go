package main

import (
	"testing"
	"time"

	"arduino-gateway/internal/control"
	"arduino-gateway/internal/status"
)

// The table has one line per board, and warnings below.
func TestTableText(t *testing.T) {
	now := time.Now()
	about := func(id, path string, online bool) status.About {
		return status.About{ID: id, Online: online, Port: status.Port{Value: "usb:1a86:7523", Path: path}}
	}
	greenhouse, cellar, door := about("greenhouse", "/dev/ttyACM0", true), about("cellar", "/dev/ttyUSB0", false), about("door", "", true)
	cellar.Warnings = []string{"Port missing: plug the board in, or change its port."}
	door.Port.PausedUntil = now
	got := tableText(now, control.Status{Snapshot: status.Snapshot{Gateway: status.Gateway{Broker: status.Broker{Problems: []string{"connect failed"}}}, Devices: []status.Device{
		{About: greenhouse, Live: status.Live{LastLine: now.Add(-time.Second), Rate: 1, Counts: status.Counts{Lines: 93212}}},
		{About: cellar, Live: status.Live{LastLine: now.Add(-12 * time.Minute), Counts: status.Counts{Lines: 3511}, Errors: 14, Waiting: status.Waiting{Lines: 3}}},
		{About: door},
	}}})
	const want = `BOARD       STATE    LAST LINE  LINES/S  LINES  ERRORS  WAITING  PORT
greenhouse  online   now        1.0      93212  0       0        /dev/ttyACM0
cellar      offline  12m0s ago  0.0      3511   14      3        /dev/ttyUSB0
door        paused   none yet   0.0      0      0       0        usb:1a86:7523

broker: connect failed
cellar: Port missing: plug the board in, or change its port.
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// An age is rounded for people.
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
