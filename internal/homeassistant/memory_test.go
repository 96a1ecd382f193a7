package homeassistant

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
)

// A damaged file is replaced by a good one.
func TestMemory_DamagedFile(t *testing.T) {
	for _, text := range []string{"", "{", `{"version":2}`, `{"version":1,"readings":null}`, `{"version":1,"readings":{"uno":7}}`, "\x00\x00"} {
		synctest.Test(t, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "ha.json")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			s := begin(t, file)
			s.Set("homeassistant", []Announcement{board("uno", "led")})
			s.expect(t, gather, uno+" switch_led")
			s.stop()
			if m, err := recall(file); err != nil || len(m.Announced[uno]) != 1 {
				t.Errorf("%q was not replaced: %+v, %v", text, m, err)
			}
		})
	}
}

// Devices are announced even if the file cannot be written.
func TestMemory_FileCannotBeWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := begin(t, filepath.Join(t.TempDir(), "away", "ha.json"))
		s.broker.file = ""
		s.Set("homeassistant", []Announcement{board("uno", "led")})
		s.expect(t, gather, uno+" switch_led")
		s.stop()
	})
}

func FuzzMemory(f *testing.F) {
	f.Add([]byte(`{"version":1,"readings":{"uno":{"t":{"unit":"°C","day":20416}}},"announced":{"homeassistant/device/devices_uno/config":{"sensor_t":"sensor"}}}`))
	f.Add([]byte(`{"version":1,"readings":{"uno":null},"boards":{"uno":{}},"announced":{"x":null}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parseMemory(data)
		if err != nil {
			return
		}
		file := filepath.Join(t.TempDir(), "ha.json")
		text, err := m.encode()
		if err == nil && text != nil {
			err = write(file, text)
		}
		again, wrong := recall(file)
		if err != nil || wrong != nil {
			t.Fatal(err, wrong)
		}
		if len(again.Readings) != len(m.Readings) || len(again.Announced) != len(m.Announced) {
			t.Errorf("%+v became %+v", m, again)
		}
	})
}
