package gateway

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"arduino-gateway/device"
)

// The observer learns which names are kept: from the third line on, or at once where
// devices.yaml has them. Every value is queued.
func TestDevice_KeepsNamesThatComeAgain(t *testing.T) {
	for name, c := range map[string]struct {
		specs device.ReadingSpecs
		want  []string
	}{
		"new":     {nil, []string{"[]", "[]", "[{line c }]"}},
		"given":   {device.ReadingSpecs{"line": {Unit: "V"}}, []string{"[{line a V}]", "[{line b V}]", "[{line c V}]"}},
		"pattern": {device.ReadingSpecs{"l*": {Unit: "V"}}, []string{"[]", "[]", "[{line c V}]"}},
		"rare":    {device.ReadingSpecs{"l*": {Deadband: new(0.0)}}, []string{"[{line a }]", "[{line b }]", "[{line c }]"}},
	} {
		f := newFixture(func(d *device.Device, _ *Parts) { d.Readings = c.specs })
		at := time.Now()
		f.Opened(at)
		for _, text := range []string{"a", "b", "c"} {
			f.Line(at, []byte(text))
		}
		if !slices.Equal(f.observer.kept, c.want) || len(f.queue.lines) != 3 {
			t.Errorf("%s: kept %q of %d queued lines", name, f.observer.kept, len(f.queue.lines))
		}
	}
}

// State follows the port, and Since changes only with Online.
func TestDevice_StateFollowsThePort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		made := time.Now()
		expect := func(when string, want State) {
			t.Helper()
			if got := f.State(); got != want {
				t.Errorf("%s: %+v, want %+v", when, got, want)
			}
		}
		expect("at first", State{Since: made})
		time.Sleep(time.Second)
		f.Opened(time.Now())
		expect("open", State{Open: true, Since: made})
		ready := time.Now()
		f.Ready(ready)
		f.Ready(ready.Add(time.Second))
		expect("ready", State{Open: true, Online: true, Since: ready})
		silent := ready.Add(time.Minute)
		f.Silent(silent)
		expect("silent", State{Open: true, Since: silent})
		f.Closed(silent.Add(time.Second), errors.New("the port was lost"))
		expect("closed", State{Since: silent})
	})
}

// The observer gets every line, with the readings that are published.
func TestDevice_ObserverGetsEachLine(t *testing.T) {
	f := newFixture()
	for _, line := range []string{"a", "?", "b"} {
		f.Line(time.Now(), []byte(line))
	}
	if want := []string{"a [{line a }]", "? []", "b [{line b }]"}; !slices.Equal(f.observer.lines, want) {
		t.Errorf("%q", f.observer.lines)
	}
}

// Do returns the result that is also published.
func TestDevice_DoWaitsForTheResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		stop := f.start(t)
		got, err := f.Do(t.Context(), "led", "ON")
		if err != nil || got.Status != device.Sent || got.Line != "LH" || got.Value != "on" {
			t.Errorf("%+v, %v", got, err)
		}
		if f.session.last(t).Line != "LH" {
			t.Error("the result is not published")
		}
		got, err = f.Do(t.Context(), "led", "maybe")
		if err != nil || got.Status != device.Rejected {
			t.Errorf("%+v, %v", got, err)
		}
		stop()
		if got, err = f.Do(t.Context(), "led", "on"); err != nil || got.Status != device.Expired {
			t.Errorf("after the end: %+v, %v", got, err)
		}
	})
}

// Do returns the cause of the end of its context.
func TestDevice_DoEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		f.port.write = func(ctx context.Context, _ []byte) (bool, error) { <-ctx.Done(); return false, ctx.Err() }
		stop := f.start(t)
		defer stop()
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errors.New("hung up"))
		defer cancel()
		if _, err := f.Do(ctx, "led", "on"); err == nil || err.Error() != "hung up" {
			t.Error(err)
		}
	})
}
