package gateway

import (
	"context"
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
