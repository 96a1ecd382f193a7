package gateway

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/journal"
	"arduino-gateway/internal/rules"
)

// Lines are queued in order with their own times, and one read is one commit.
func TestDevice_QueuesLinesInOrder(t *testing.T) {
	f := newFixture()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	f.Line(at, []byte("a"))
	f.Line(at, []byte("?"))
	f.Line(at, []byte("# a header"))
	f.Line(at.Add(time.Second), []byte("b"))
	f.EndOfRead(at)
	if f.queue.commits != 1 {
		t.Errorf("%d commits for one read", f.queue.commits)
	}
	if len(f.queue.lines) != 2 {
		t.Fatalf("queued %v", f.queue.lines)
	}
	for i, want := range []string{"a", "b"} {
		line := f.queue.lines[i]
		if line.Readings[0].Value != want {
			t.Errorf("line %d is %+v", i, line)
		}
	}
	if got := f.queue.lines[1].Time; !got.Equal(at.Add(time.Second)) {
		t.Errorf("time %v", got)
	}
	if s := f.Stats(); s.Lines != 2 || s.Refused != 1 {
		t.Errorf("stats %+v", s)
	}
}

// A sketch that prints lines without readings is logged once a minute.
func TestDevice_LogsRefusedLinesOnceAMinute(t *testing.T) {
	f := newFixture()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for second := range 121 {
		f.Line(at.Add(time.Duration(second)*time.Second), []byte("?"+strings.Repeat("x", 200)))
	}
	if n := strings.Count(f.log.String(), "not understood"); n != 3 {
		t.Errorf("logged %d times in two minutes:\n%s", n, f.log)
	}
	if !strings.Contains(f.log.String(), "total=121") {
		t.Errorf("the last log line lacks the total:\n%s", f.log)
	}
	if strings.Contains(f.log.String(), strings.Repeat("x", 100)) {
		t.Error("a long line is logged whole")
	}
}

// The status topic and State say the same through all events of the port.
func TestDevice_StatusFollowsThePort(t *testing.T) {
	f := newFixture()
	now := time.Now()
	f.Opened(now)
	if f.parser.resets != 1 {
		t.Error("the parser was not reset for the new board")
	}
	if len(f.session.online) != 0 {
		t.Error("online before the boot is over")
	}
	f.Silence = time.Minute
	var states []bool
	for _, happens := range []func(){func() { f.Ready(now) }, func() { f.Silent(now) }, func() { f.Ready(now) }, func() { f.Closed(now, errors.New("unplugged")) }} {
		happens()
		states = append(states, f.State().Online)
	}
	if fmt.Sprint(states) != fmt.Sprint(f.session.online) {
		t.Errorf("State is %v, the status topic %v", states, f.session.online)
	}
	if want := []bool{true, false, true, false}; fmt.Sprint(f.session.online) != fmt.Sprint(want) {
		t.Errorf("online %v, want %v", f.session.online, want)
	}
	f.Connected(now, false)
	f.Disconnected(now, errors.New("EOF"))
	f.Disconnected(now, nil)
	if want := []bool{true, false, false}; fmt.Sprint(f.queue.connected) != fmt.Sprint(want) {
		t.Errorf("connected %v, want %v", f.queue.connected, want)
	}
	want := []string{"port open: /dev/ttyACM0", "silent: no line for 1m0s", "port closed: unplugged", "broker connected", "broker lost: EOF"}
	if fmt.Sprint(f.observer.seen) != fmt.Sprint(want) {
		t.Errorf("the monitor saw %q", f.observer.seen)
	}
}

// Each kind of wrong command is rejected with its reason, and nothing is written.
func TestDevice_RejectsWrongCommands(t *testing.T) {
	f := newFixture()
	for _, c := range []struct {
		message device.Message
		reason  string
	}{
		{device.Message{Command: "led", Payload: []byte("on"), Retained: true}, "retained"},
		{device.Message{Command: "led", Size: 70000}, "the value is too long: 70000 bytes"},
		{device.Message{Command: "led/on", Payload: []byte("1")}, `unknown command "led/on"`},
		{device.Message{Command: "lamp", Payload: []byte("on")}, `unknown command "lamp": this device has led, pwm`},
		{device.Message{Command: "led", Payload: []byte("dim")}, "not on or off"},
		{device.Message{Command: "pwm", Payload: []byte("256")}, "above max 255"},
		{device.Message{Command: "led", Payload: []byte("on\nreset")}, "control character"},
		{device.Message{Command: "led", Payload: []byte{0xff}}, "UTF-8"},
	} {
		f.Message(c.message)
		got := f.session.last(t)
		if got.Status != device.Rejected || !strings.Contains(got.Error, c.reason) {
			t.Errorf("%s %q: %+v, want rejected: %s", c.message.Command, c.message.Payload, got, c.reason)
		}
	}
	if len(f.commands.commands.waiting) != 0 {
		t.Error("a rejected command is waiting")
	}
	f.commands.commands.accepted = nil
	f.ask("led", "on")
	if got := f.session.last(t); !strings.Contains(got.Error, "has none") {
		t.Errorf("%+v", got)
	}
}

// A command is written in the form of devices.yaml, and its result is published.
func TestDevice_WritesACommandAndPublishesItsResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		stop := f.start(t)
		defer stop()
		f.ask("led", "ON")
		f.ask("pwm", "7")
		synctest.Wait()
		if want := "[LH\n pwm=7\n]"; fmt.Sprint(f.port.written) != want {
			t.Errorf("written %q", f.port.written)
		}
		got := f.session.results[0]
		if got.Status != device.Sent || got.Value != "on" || got.Line != "LH" {
			t.Errorf("result %+v", got)
		}
		if s := f.Stats(); s.Sent != 2 {
			t.Errorf("stats %+v", s)
		}
	})
}

// A command that cannot be written in time has not run.
func TestDevice_CommandExpiresWhileTheBoardIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		f.port.write = func(ctx context.Context, _ []byte) (bool, error) {
			<-ctx.Done()
			return false, fmt.Errorf("the board is away: %w", ctx.Err())
		}
		stop := f.start(t)
		defer stop()
		f.ask("led", "on")
		time.Sleep(device.DefaultExpires)
		synctest.Wait()
		got := f.session.last(t)
		if got.Status != device.Expired || got.Line != "" || got.Took != device.DefaultExpires {
			t.Errorf("result %+v", got)
		}
	})
}

// After a write that failed halfway the command may have run.
func TestOutcome_BrokenWriteMayHaveRun(t *testing.T) {
	got := outcome(journal.Command{Canonical: "on", Line: "LH"}, true, errors.New("unplugged"))
	if got.Status != device.Failed || got.Error != "may have run: unplugged" || got.Line != "LH" {
		t.Errorf("%+v", got)
	}
}

// The queue rejects commands beyond its bound, and a stop gives every command a result.
func TestDevice_FullCommandQueueIsBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		f.port.write = func(ctx context.Context, _ []byte) (bool, error) {
			<-ctx.Done()
			return false, ctx.Err()
		}
		stop := f.start(t)
		f.ask("led", "on") // at the port
		synctest.Wait()
		for range maxWaiting + 1 {
			f.ask("led", "on")
		}
		if got := f.session.last(t); got.Status != device.Rejected || !strings.Contains(got.Error, "busy") {
			t.Errorf("result %+v", got)
		}
		stop()
		if got := len(f.session.results); got != maxWaiting+2 {
			t.Errorf("%d results for %d commands", got, maxWaiting+2)
		}
	})
}

// The last line of a stopping port is still queued.
func TestDevice_StopsThePortBeforeTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		f.port.run = func(ctx context.Context) error {
			<-ctx.Done()
			select {
			case <-f.session.ended:
				t.Error("the session ended before the port")
			default:
			}
			f.Line(time.Now(), []byte("last"))
			return nil
		}
		f.start(t)()
		if len(f.queue.lines) != 1 {
			t.Error("the last line was not taken")
		}
	})
}

// A port that fails for good leaves the session up.
func TestDevice_OutlivesItsPort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		f.port.run = func(context.Context) error { return errors.New("1 baud: not possible") }
		stop := f.start(t)
		select {
		case <-f.session.ended:
			t.Error("the session ended with the port")
		default:
		}
		stop()
		if !strings.Contains(f.log.String(), "1 baud") {
			t.Errorf("log: %s", f.log)
		}
	})
}

// A command that comes while the port stops expires.
func TestDevice_CommandDuringTheStopExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		f.port.run = func(ctx context.Context) error {
			<-ctx.Done()
			f.ask("led", "on")
			return nil
		}
		f.start(t)()
		if got := f.session.last(t); got.Status != device.Expired {
			t.Errorf("result %+v", got)
		}
	})
}

// ruled returns a fixture whose reading "line" has rules.
func ruled(spec device.ReadingSpec) *fixture {
	f := newFixture()
	f.uplink.rules = rules.New(map[string]device.ReadingSpec{"line": spec})
	return f
}

func (f *fixture) queued() (values []string) {
	for _, line := range f.queue.lines {
		values = append(values, line.Readings[0].Value)
	}
	return values
}

// A value out of bounds is counted and shown, logged once a minute, and not queued.
func TestDevice_ValuesOutOfBoundsAreNotQueued(t *testing.T) {
	f := ruled(device.ReadingSpec{Max: new(85.0)})
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for second := range 61 {
		f.Line(at.Add(time.Duration(second)*time.Second), []byte("850"))
	}
	f.Line(at, []byte("84"))
	if got := fmt.Sprint(f.queued()); got != "[84]" {
		t.Errorf("queued %s", got)
	}
	if s := f.Stats(); s.Lines != 1 || s.OutOfBounds != 61 || s.Refused != 0 {
		t.Errorf("stats %+v", s)
	}
	if n := strings.Count(f.log.String(), `reading=line value=850 error="above max 85"`); n != 2 {
		t.Errorf("logged %d times in a minute:\n%s", n, f.log)
	}
	if want := "in 850 0 [{{line 850 } above max 85 true}] <nil>"; f.observer.seen[0] != want {
		t.Errorf("the monitor saw %q, want %q", f.observer.seen[0], want)
	}
}

// A value that min_interval holds is published when its time comes or the port closes.
func TestDevice_PublishesHeldValues(t *testing.T) {
	f := ruled(device.ReadingSpec{MinInterval: 10 * time.Second})
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for second, text := range []string{"a", "b", "c"} {
		f.Line(at.Add(time.Duration(second)*time.Second), []byte(text))
	}
	f.EndOfRead(at.Add(9 * time.Second))
	if got := fmt.Sprint(f.queued()); got != "[a]" {
		t.Errorf("queued %s", got)
	}
	f.EndOfRead(at.Add(10 * time.Second)) // though nothing came
	if got := fmt.Sprint(f.queued()); got != "[a c]" {
		t.Errorf("queued %s", got)
	}
	if got := f.queue.lines[1].Time; !got.Equal(at.Add(2 * time.Second)) {
		t.Errorf("c was read at %v, published with %v", at.Add(2*time.Second), got)
	}
	f.Line(at.Add(11*time.Second), []byte("d"))
	f.Closed(at.Add(12*time.Second), nil)
	if got := fmt.Sprint(f.queued()); got != "[a c d]" || f.queue.commits != 3 {
		t.Errorf("queued %s, %d commits", got, f.queue.commits)
	}
	if got := f.observer.seen[3]; got != "published after min_interval: line=c" {
		t.Errorf("the monitor saw %q", got)
	}
}

// Of a line that is understood in part, that part is published and the rest counted.
func TestDevice_CountsWhatIsLeftOfLines(t *testing.T) {
	f := newFixture()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for second := range 61 {
		f.Line(at.Add(time.Duration(second)*time.Second), []byte("~t=1, x"))
	}
	if s := f.Stats(); s.Lines != 61 || s.Partly != 61 || s.Refused != 0 {
		t.Errorf("stats %+v", s)
	}
	if n := strings.Count(f.log.String(), "an end without a name"); n != 2 {
		t.Errorf("logged %d times in a minute:\n%s", n, f.log)
	}
}
