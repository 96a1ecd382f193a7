package daemon

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"arduino-gateway/device"
	"arduino-gateway/internal/config"
)

// A rate that was found is known after a restart, for the same device at the same
// port, and goes before the one of the detection.
func TestFoundBauds_OutliveARestart(t *testing.T) {
	dir := t.TempDir()
	tank, pond := device.Device{ID: "tank", Port: "usb-path:1-1"}, device.Device{ID: "pond", Port: "usb-path:1-2"}
	c := &config.Config{Devices: []device.Device{tank, pond}}
	b := openBauds(dir, slog.New(slog.DiscardHandler))
	b.note(tank, 9600)
	b.note(pond, 57600)
	select {
	case <-b.noted:
	default:
		t.Error("the fleet is not woken")
	}
	b.save(c)
	moved := tank
	moved.Port = "usb-path:1-3"
	for _, step := range []struct {
		device   device.Device
		detected int
		want     int
	}{{tank, 0, 9600}, {tank, 115200, 9600}, {pond, 0, 57600}, {moved, 0, 0}, {moved, 4800, 4800}, {device.Device{ID: "new"}, 0, 0}} {
		again := openBauds(dir, slog.New(slog.DiscardHandler))
		if got := again.of(step.device, device.Detected{LastBaud: step.detected}); got != step.want {
			t.Errorf("%+v: %d", step, got)
		}
	}
	b.save(c.WithoutDevice("pond"))
	if got := openBauds(dir, slog.New(slog.DiscardHandler)).of(pond, device.Detected{}); got != 0 {
		t.Errorf("a removed device keeps its rate %d", got)
	}
	b.note(tank, 9600)
	select {
	case <-b.noted:
		t.Error("the file is written again without a change")
	default:
	}
}

// A damaged file costs a search, nothing else.
func TestFoundBauds_DamagedFile(t *testing.T) {
	tank := device.Device{ID: "tank", Port: "usb-path:1-1"}
	for _, text := range []string{"", "null", "[]", `{"tank": 7}`, `{"tank": {"port": "usb-path:1-1", "baud": -5}}`, `{"tank": {"port": "usb-path:1-1", "baud": 99999999}}`} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "bauds.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		b := openBauds(dir, slog.New(slog.DiscardHandler))
		if got := b.of(tank, device.Detected{LastBaud: 57600}); got != 57600 {
			t.Errorf("%q: %d", text, got)
		}
		b.note(tank, 9600)
		b.save(&config.Config{Devices: []device.Device{tank}})
		if got := openBauds(dir, slog.New(slog.DiscardHandler)).of(tank, device.Detected{}); got != 9600 {
			t.Errorf("%q: not replaced", text)
		}
	}
}
