package gateway

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"arduino-gateway/device"
)

// A line that matches confirm is the reply of a board that only prints lines.
func TestWriter_WaitsForTheConfirmingLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		led := f.commands.commands.accepted["led"]
		led.Confirm = confirmOK
		f.commands.commands.accepted["led"] = led
		f.port.write = func(_ context.Context, line []byte) (bool, error) {
			f.port.written = append(f.port.written, string(line))
			return true, nil
		}
		stop := f.start(t)
		defer stop()
		f.ask("led", "on")
		f.ask("led", "off")
		synctest.Wait()
		f.Line(time.Now(), []byte("t=23"))
		synctest.Wait()
		if len(f.port.written) != 1 || len(f.session.results) != 0 {
			t.Errorf("written %q, results %v", f.port.written, f.session.results)
		}
		f.Line(time.Now(), []byte("OK led"))
		time.Sleep(device.DefaultExpires)
		synctest.Wait()
		if got := f.session.results; len(got) != 2 || got[0].Status != device.Done || got[0].Reply != "OK led" ||
			got[1].Status != device.Failed || !strings.HasPrefix(got[1].Error, "may have run: no line of the board matched confirm") {
			t.Errorf("results %+v", got)
		}
	})
}

var confirmOK = regexp.MustCompile(`^OK`)

// Only a line that was read after the command went out, while nothing of it waits to leave,
// can be the answer. A closed port ends the wait, and keeps an answer that came before.
func TestExpected_TakesOnlyTheAnswer(t *testing.T) {
	asked := time.Now()
	type step struct {
		what    string // "ask", "closed", or a line
		after   time.Duration
		leaving bool
	}
	ask := step{what: "ask"}
	for name, c := range map[string]struct {
		steps []step
		want  string // status and reply, or error
	}{
		"the answer":                {[]step{ask, {what: "OK 1", after: 1}}, "done OK 1"},
		"read in the same instant":  {[]step{ask, {what: "OK 1"}}, "done OK 1"},
		"read before":               {[]step{ask, {what: "OK 1", after: -1}, {what: "OK 2", after: 1}}, "done OK 2"},
		"delivered before":          {[]step{{what: "OK 1", after: -1}, ask, {what: "OK 2", after: 1}}, "done OK 2"},
		"while it waits to leave":   {[]step{ask, {what: "OK 1", after: 1, leaving: true}, {what: "OK 2", after: 2}}, "done OK 2"},
		"another line":              {[]step{ask, {what: "no", after: 1}, {what: "OK 2", after: 2}}, "done OK 2"},
		"the first of two":          {[]step{ask, {what: "OK 1", after: 1}, {what: "OK 2", after: 2}}, "done OK 1"},
		"closed":                    {[]step{ask, {what: "closed"}}, "failed may have run: the port was closed before a line of the board matched confirm: unplugged"},
		"of the next opening":       {[]step{ask, {what: "closed"}, {what: "OK 1", after: 1}}, "failed may have run: the port was closed before a line of the board matched confirm: unplugged"},
		"closed after the answer":   {[]step{ask, {what: "OK 1", after: 1}, {what: "closed"}}, "done OK 1"},
		"closed before it went out": {[]step{{what: "closed"}, ask, {what: "OK 1", after: 1}}, "done OK 1"},
		"closed twice":              {[]step{ask, {what: "closed"}, {what: "closed"}}, "failed may have run: the port was closed before a line of the board matched confirm: unplugged"},
		"nothing until it expires":  {[]step{ask}, "failed may have run: no line of the board matched confirm: too late"},
	} {
		var all confirmation
		leaving := false
		e := all.expect(confirmOK)
		for _, s := range c.steps {
			at := asked.Add(s.after)
			leaving = s.leaving
			switch s.what {
			case "ask":
				e.ask(at, func() bool { return leaving })
			case "closed":
				all.closed(errors.New("unplugged"))
			default:
				all.heard(at, []byte(s.what))
			}
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		if name == "nothing until it expires" {
			cancel(errors.New("too late"))
		}
		r := e.await(ctx, device.Result{Status: device.Sent})
		if got := string(r.Status) + " " + r.Reply + r.Error; got != c.want {
			t.Errorf("%s: got  %q\nwant %q", name, got, c.want)
		}
		cancel(nil)
	}
}

// A stop does not wait for the answer.
func TestWriter_StopsWhileItWaitsForTheConfirmingLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(func(d *device.Device, _ *Parts) {
			d.Commands["led"] = device.Command{Name: "led", Type: device.Bool, Confirm: confirmOK}
		})
		stop := f.start(t)
		f.ask("led", "on")
		synctest.Wait()
		stop()
		if got := f.session.last(t); got.Status != device.Failed || !strings.HasSuffix(got.Error, "matched confirm: "+errStopping.Error()) {
			t.Errorf("result %+v", got)
		}
	})
}
