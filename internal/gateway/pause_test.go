package gateway

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"arduino-gateway/device"
)

// runs makes the fixture's port take a moment to close, and returns what it does.
func (f *fixture) runs(closing time.Duration) (events chan string) {
	events = make(chan string, 100)
	f.port.run = func(ctx context.Context) error {
		events <- "open"
		<-ctx.Done()
		time.Sleep(closing)
		events <- "closed"
		return nil
	}
	return events
}

func expectEvents(t *testing.T, events chan string, want ...string) {
	t.Helper()
	synctest.Wait()
	for _, w := range want {
		select {
		case got := <-events:
			if got != w {
				t.Errorf("port %s, want %s", got, w)
			}
		default:
			t.Errorf("nothing, want %s", w)
		}
	}
	if len(events) > 0 {
		t.Errorf("port %s, too", <-events)
	}
}

// A pause closes the port, lets commands expire and ends by itself.
func TestPause_FreesThePortAndEndsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		events := f.runs(time.Second)
		stop := f.start(t)
		defer stop()
		expectEvents(t, events, "open")
		begin := time.Now()
		p, err := f.Pause(t.Context(), 2*time.Minute)
		if err != nil || p.Extended || !p.Until.Equal(begin.Add(2*time.Minute)) {
			t.Errorf("%+v, %v", p, err)
		}
		if took := time.Since(begin); took != time.Second {
			t.Errorf("returned after %v, before the port was closed", took)
		}
		expectEvents(t, events, "closed")
		f.ask("led", "on")
		synctest.Wait()
		got := f.session.last(t)
		if got.Status != device.Expired || !strings.Contains(got.Error, "paused until ") || got.Took != 0 || len(f.port.written) > 0 {
			t.Errorf("a command during the pause: %+v", got)
		}
		time.Sleep(time.Until(p.Until) - time.Nanosecond)
		expectEvents(t, events)
		time.Sleep(time.Nanosecond)
		expectEvents(t, events, "open")
		if !f.State().PausedUntil.IsZero() {
			t.Error("still paused")
		}
		for _, want := range []string{"msg=paused ", "gateway resume greenhouse", "pause over"} {
			if !strings.Contains(f.log.String(), want) {
				t.Errorf("the log lacks %q:\n%s", want, f.log)
			}
		}
	})
}

// A second pause extends the first, and one resume ends both.
func TestPause_IsExtendedAndEndedEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		events := f.runs(0)
		stop := f.start(t)
		if f.Resume() {
			t.Error("resumed what was not paused")
		}
		for i := range 3 {
			p, err := f.Pause(t.Context(), time.Minute)
			if err != nil || p.Extended != (i > 0) {
				t.Errorf("pause %d: %+v, %v", i, p, err)
			}
			time.Sleep(50 * time.Second)
		}
		expectEvents(t, events, "open", "closed")
		if !f.Resume() || f.Resume() {
			t.Error("one resume ends one pause")
		}
		expectEvents(t, events, "open")
		stop()
		expectEvents(t, events, "closed")
	})
}

// A command that is being written when the pause begins expires.
func TestPause_ExpiresTheCommandBeingWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		released := make(chan struct{})
		f.port.run = func(ctx context.Context) error { <-ctx.Done(); close(released); return nil }
		f.port.write = func(context.Context, []byte) (bool, error) { <-released; return false, errors.New("let go") }
		stop := f.start(t)
		defer stop()
		f.ask("led", "on")
		synctest.Wait()
		if _, err := f.Pause(t.Context(), time.Minute); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if got := f.session.last(t); got.Status != device.Expired || !strings.Contains(got.Error, "paused until ") {
			t.Errorf("%+v", got)
		}
	})
}

// A port that does not close in time is an error of Pause.
func TestPause_ReportsAPortThatStaysOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		f.runs(time.Minute)
		stop := f.start(t)
		defer stop()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := f.Pause(ctx, time.Hour); err == nil || err.Error() != "/dev/ttyACM0 is not closed yet: context deadline exceeded" {
			t.Error(err)
		}
	})
}

// The lease holds the port from the begin of a pause until the port runs again, also if
// the device ends before: another one then takes over the pause.
func TestPause_HoldsTheLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		held := make(chan bool, 10)
		f.port.run = func(ctx context.Context) error {
			held <- f.lease.isHeld()
			<-ctx.Done()
			held <- f.lease.isHeld()
			return nil
		}
		stop := f.start(t)
		if _, err := f.Pause(t.Context(), time.Minute); err != nil {
			t.Error(err)
		}
		if before, closing := <-held, <-held; before || !closing || !f.lease.isHeld() {
			t.Errorf("held %t before, %t while closing, %t after", before, closing, f.lease.isHeld())
		}
		time.Sleep(time.Minute)
		if <-held {
			t.Error("held while the port runs")
		}
		if _, err := f.Pause(t.Context(), time.Minute); err != nil {
			t.Error(err)
		}
		stop()
		if !f.lease.isHeld() {
			t.Error("the end of the device has ended the pause")
		}
		f.lease.Hold(false) // as its successor does
		if _, err := f.Pause(t.Context(), time.Minute); err != nil {
			t.Error(err)
		}
		if f.lease.isHeld() {
			t.Error("a device that has ended holds the port")
		}
	})
}

// A device can start paused: a new configuration does not end an upload.
func TestPause_MayBeginBeforeRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		events := f.runs(0)
		f.StayPaused(time.Now().Add(time.Minute))
		stop := f.start(t)
		defer stop()
		expectEvents(t, events)
		time.Sleep(time.Minute)
		expectEvents(t, events, "open")
	})
}

// A port that failed for good is tried again after a pause.
func TestPause_RetriesAFailedPort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		tries := 0
		f.port.run = func(context.Context) error { tries++; return errors.New("1 baud: not possible") }
		stop := f.start(t)
		defer stop()
		if _, err := f.Pause(t.Context(), time.Minute); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if tries != 2 {
			t.Errorf("%d tries", tries)
		}
	})
}

// A port that failed for good is tried again when its settings change.
func TestDevice_TriesAFailedPortWithOtherSettings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		runs := 0
		f.port.run = func(ctx context.Context) error {
			if runs++; runs == 1 {
				return errors.New("the port refuses this baud rate")
			}
			<-ctx.Done()
			return nil
		}
		stop := f.start(t)
		defer stop()
		time.Sleep(time.Hour)
		f.Tuned(time.Minute)
		synctest.Wait()
		if runs != 2 {
			t.Errorf("the port ran %d times", runs)
		}
	})
}
