package serialbridge

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// A whole window goes out without waiting, and one byte more waits.
func TestPacer_PassesAWindowAtOnce(t *testing.T) {
	p := newPacer(9600)
	if wait := p.wait(window, noon); wait > 0 {
		t.Errorf("an empty board makes us wait %v", wait)
	}
	p.add(window, noon)
	wait := p.wait(1, noon)
	if perByte := 1096491 * time.Nanosecond; wait != perByte { // 10 bits at 95 % of 9600 baud
		t.Errorf("one byte more waits %v, want %v", wait, perByte)
	}
	if left := p.wait(1, noon.Add(wait)); left > 0 {
		t.Errorf("after the wait %v are left", left)
	}
}

// The gap counts from when the wire has carried the last line.
func TestPacer_KeepsLinesApart(t *testing.T) {
	p := newPacer(9600)
	if wait := p.gapWait(time.Second, noon); wait > 0 {
		t.Errorf("the first line waits %v", wait)
	}
	p.add(10, noon)
	if wait, want := p.gapWait(time.Second, noon), time.Second+10*p.perByte; wait != want {
		t.Errorf("the second line waits %v, want %v", wait, want)
	}
}

// After a pause a whole window goes out again.
func TestPacer_StartsOverAfterAPause(t *testing.T) {
	p := newPacer(9600)
	p.add(window, noon)
	if wait := p.wait(window, noon.Add(time.Hour)); wait > 0 {
		t.Errorf("after an hour we wait %v", wait)
	}
	p.add(window, noon.Add(time.Hour))
	if wait := p.wait(1, noon.Add(time.Hour)); wait <= 0 {
		t.Error("an hour's pause is worth more than a window")
	}
}

// A board that takes bytes at the speed of the wire never holds more than a
// window. The wire is used to nine tenths.
func TestPacer_NeverFillsTheBoard(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		baud := rapid.SampledFrom([]int{300, 9600, 57600, 115200, 2_000_000}).Draw(t, "baud")
		wire := float64(baud) / 10
		p, now, last := newPacer(baud), noon, noon
		held := 0.0
		for range rapid.IntRange(1, 200).Draw(t, "writes") {
			now = now.Add(time.Duration(rapid.IntRange(0, 50_000).Draw(t, "pause µs")) * time.Microsecond)
			n := rapid.IntRange(1, window).Draw(t, "bytes")
			now = now.Add(max(p.wait(n, now), 0))
			p.add(n, now)
			held = max(0, held-now.Sub(last).Seconds()*wire) + float64(n)
			last = now
			if held > window {
				t.Fatalf("the board holds %.1f bytes", held)
			}
		}
	})
}

// A steady stream uses almost the whole rate.
func TestPacer_UsesTheWire(t *testing.T) {
	p, now := newPacer(115200), noon
	const total = 115200
	for range total / window {
		now = now.Add(max(p.wait(window, now), 0))
		p.add(window, now)
	}
	rate := total / now.Sub(noon).Seconds()
	if rate < 0.94*11520 || rate > 0.96*11520 {
		t.Errorf("%.0f bytes a second on a wire of 11520", rate)
	}
}
