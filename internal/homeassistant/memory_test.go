package homeassistant

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"arduino-gateway/internal/atomicfile"
)

// A damaged file is set aside, and replaced by a good one.
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
			if kept, err := os.ReadFile(file + ".unread"); err != nil || string(kept) != text {
				t.Errorf("%q was overwritten: %q, %v", text, kept, err)
			}
		})
	}
}

// Devices are announced even if the file cannot be written. It is written later, though
// nothing has changed since.
func TestMemory_FileCannotBeWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "away")
		s := begin(t, filepath.Join(dir, "ha.json"))
		s.broker.file = ""
		s.Set("homeassistant", []Announcement{board("uno", "led")})
		s.expect(t, gather, uno+" switch_led")
		time.Sleep(time.Minute)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		time.Sleep(saveAgainEvery)
		synctest.Wait()
		if m, err := recall(filepath.Join(dir, "ha.json")); err != nil || len(m.Announced[uno]) != 1 {
			t.Errorf("the file was not written later: %+v, %v", m, err)
		}
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
		if err == nil {
			(&atomicfile.State{Name: file, Log: slog.Default()}).Save(text)
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
