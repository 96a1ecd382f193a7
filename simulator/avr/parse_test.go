package avr

import (
	"testing"
	"time"
)

func TestConsolePin_AcceptsEachName(t *testing.T) {
	for name, want := range map[string]string{
		"D13": "B5", "PB5": "B5", "B5": "B5", "D3": "D3", "PD3": "D3", "A0": "C0", "C0": "C0", "D8": "B0",
	} {
		if got, err := consolePin(name); got != want || err != nil {
			t.Errorf("consolePin(%s) = %s, %v, want %s", name, got, err, want)
		}
	}
	for _, name := range []string{"", "D14", "PB6", "E1", "LED"} {
		if got, err := consolePin(name); err == nil {
			t.Errorf("consolePin(%s) = %s", name, got)
		}
	}
}

func TestParseStats_ReadsALine(t *testing.T) {
	got, err := parseStats("stat sim=1.5 wall=2 cpu=0.25 baud=9615 tx=963 rx=7 queued=0 overrun=1 disabled=4 dropped=913 slips=2 slipped=0.300 resets=3")
	want := Stats{
		Simulated: 1500 * time.Millisecond, Wall: 2 * time.Second, CPU: 250 * time.Millisecond,
		Baud: 9615, Sent: 963, Received: 7, Overrun: 1, Unheard: 4, Dropped: 913, Slips: 2, Resets: 3,
	}
	if got != want || err != nil {
		t.Errorf("got %+v, %v", got, err)
	}
}

func FuzzParseStats(f *testing.F) {
	f.Add("stat sim=1.5 wall=2")
	f.Add("")
	f.Add("stat =")
	f.Fuzz(func(t *testing.T, line string) {
		if s, err := parseStats(line); err != nil && s != (Stats{}) {
			t.Errorf("%q: %+v with %v", line, s, err)
		}
	})
}

// FuzzHeard checks that no output of unosim breaks an Uno that asked nothing.
func FuzzHeard(f *testing.F) {
	for _, line := range []string{"pin B5 1", "pin", "ok", "err x", "out B5 1", "port open", ""} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		u := newUno(Options{})
		u.heard(line)
		u.heard("pin B5 1")
		if level, known, _ := u.level("B5"); level != High || !known {
			t.Errorf("after %q B5 is %v, %v", line, level, known)
		}
	})
}
