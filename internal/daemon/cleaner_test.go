package daemon

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/history"
	"arduino-gateway/internal/reload"
)

// The names of readings that may be retained are known after the device has lost its
// history, and no others.
func TestCleaner_LearnsTheNamesOfRetainedReadings(t *testing.T) {
	c := openCleaner(t.TempDir(), slog.New(slog.DiscardHandler))
	c.known = []reload.Topic{{Topic: "devices/uno", Readings: true}, {Topic: "devices/due"}}
	h := history.NewStore(time.Now(), true)
	for _, id := range []string{"uno", "due"} {
		h.Device(id).Line(device.Heard{Time: time.Now(), Text: []byte("n=1"), Readings: []device.Reading{{Name: "n", Value: "1"}}, Kept: []device.Reading{{Name: "n", Value: "1"}}})
	}
	c.learn(h)
	h.Retain(nil)
	c.learn(h)
	if got := c.names["devices/uno"]; !slices.Equal(got, []string{"n"}) || len(c.names) != 1 {
		t.Errorf("%v", c.names)
	}
}
