package homeassistant

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"arduino-gateway/device"
)

const (
	uno = "homeassistant/device/devices_uno/config"
	due = "homeassistant/device/devices_due/config"
)

// A reading is announced a second after its first value, and nothing twice.
func TestAnnouncer_AnnouncesNewReadings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := begin(t, filepath.Join(t.TempDir(), "ha.json"))
		defer s.stop()
		s.Set("homeassistant", []Announcement{board("uno", "led"), board("due")})
		w := s.Observer(device.Device{ID: "due"})
		s.expect(t, gather, uno+" switch_led") // due has nothing to announce
		s.read(w, 1, "a=1")
		s.expect(t, gather/2, "")
		s.read(w, 1, "b=2", "c=open")
		s.expect(t, gather/2, due+" sensor_a sensor_b sensor_c")
		s.read(w, 1, "a=3", "b=4", "c=5")
		s.expect(t, settle, due+" sensor_a sensor_b sensor_c\n"+uno+" switch_led") // all once more
		s.expect(t, time.Hour, "")                                                 // nothing is new
		s.read(w, 1, "b=error")
		s.read(w, 1, "b=error")
		s.expect(t, time.Hour, "") // it may be a mistake
		s.read(w, 1, "b=error")
		s.expect(t, gather, due+" sensor_a sensor_b sensor_c")
		if strings.Count(s.broker.topics[due], "is_number") != 1 {
			t.Errorf("b is not a number: %s", s.broker.topics[due])
		}
	})
}

// Home Assistant forgets over a restart, a broker may: everything is sent again.
func TestAnnouncer_RenewsWhenHomeAssistantStarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := begin(t, filepath.Join(t.TempDir(), "ha.json"))
		defer s.stop()
		devices := []Announcement{board("uno", "led"), board("due", "pin")}
		s.Set("homeassistant", devices)
		s.expect(t, gather, due+" switch_pin\n"+uno+" switch_led")
		s.expect(t, settle, due+" switch_pin\n"+uno+" switch_led")
		s.Set("homeassistant", devices)
		s.expect(t, time.Minute, "") // nothing has changed
		s.Message(device.Message{Payload: []byte("offline")})
		s.Disconnected(time.Now(), nil)
		s.expect(t, time.Minute, "")
		s.Message(device.Message{Payload: []byte("online")})
		s.Message(device.Message{Payload: []byte("online")})
		s.expect(t, time.Minute, due+" switch_pin\n"+uno+" switch_led")
		s.Connected(time.Now(), false)
		s.expect(t, time.Minute, due+" switch_pin\n"+uno+" switch_led")
	})
}

// Entities that are gone are removed, and forgotten when that is delivered.
func TestAnnouncer_RemovesWhatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := begin(t, filepath.Join(t.TempDir(), "ha.json"))
		defer s.stop()
		s.Set("homeassistant", []Announcement{board("uno", "led", "fan"), board("due", "pin")})
		s.expect(t, gather, due+" switch_pin\n"+uno+" switch_fan switch_led")
		s.Set("homeassistant", []Announcement{board("uno", "led")})
		s.expect(t, gather, due+"\n"+uno+" -switch_fan switch_led")
		s.expect(t, settle, uno+" switch_led")
		s.Renew()
		s.expect(t, time.Hour, uno+" switch_led")
		s.Set("homeassistant", nil) // as with discovery: off
		s.expect(t, time.Hour, uno)
		if _, err := os.Stat(s.file.Name); err == nil {
			t.Error("with nothing to remember the file is still there")
		}
	})
}

// A new prefix removes the announcements under the old one.
func TestAnnouncer_ChangesPrefix(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := begin(t, filepath.Join(t.TempDir(), "ha.json"))
		defer s.stop()
		s.Set("homeassistant", []Announcement{board("uno", "led")})
		s.expect(t, gather, uno+" switch_led")
		s.Set("homeassistant/two", []Announcement{board("uno", "led")})
		time.Sleep(gather)
		synctest.Wait()
		if s.broker.topics[uno] != "" || s.broker.topics["homeassistant/two/device/devices_uno/config"] == "" {
			t.Errorf("%v", s.broker.topics)
		}
	})
}

// A restart forgets nothing: neither known readings, nor what must be removed, be it
// because of a change while the gateway was stopped, or not delivered before.
func TestAnnouncer_RemembersOverRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "ha.json")
		s := begin(t, file)
		s.Set("homeassistant", []Announcement{board("uno", "led"), board("due", "pin")})
		s.read(s.Observer(device.Device{ID: "uno"}), 1, "t=1")
		s.expect(t, gather, due+" switch_pin\n"+uno+" sensor_t switch_led")
		before := s.broker.topics[uno]
		s.stop()

		s = begin(t, file)
		s.broker.away = true
		s.Set("homeassistant", []Announcement{board("uno", "led")})
		s.expect(t, gather, due+"\n"+uno+" sensor_t switch_led")
		if s.broker.topics[uno] != before {
			t.Errorf("%s\nhas become %s", before, s.broker.topics[uno])
		}
		s.Set("homeassistant", []Announcement{board("uno")})
		s.expect(t, time.Hour, uno+" sensor_t -switch_led") // and waits for the broker
		s.stop()

		s = begin(t, file)
		s.broker.away = true
		s.Set("homeassistant", []Announcement{board("uno")})
		s.expect(t, time.Hour, due+"\n"+uno+" sensor_t -switch_led")
		s.broker.back()
		s.expect(t, time.Hour, uno+" sensor_t\n"+uno+" sensor_t")
		s.stop()

		s = begin(t, file)
		s.Set("homeassistant", []Announcement{board("uno")})
		s.expect(t, time.Hour, uno+" sensor_t\n"+uno+" sensor_t")
		s.stop()
	})
}

// A reading without values for 30 days is removed, if others arrive.
func TestAnnouncer_ForgetsOldReadings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := begin(t, filepath.Join(t.TempDir(), "ha.json"))
		defer s.stop()
		s.Set("homeassistant", []Announcement{board("uno")})
		w := s.Observer(device.Device{ID: "uno"})
		s.read(w, 1, "old=1", "new=1")
		s.expect(t, gather, uno+" sensor_new sensor_old")
		s.read(w, 1+keptDays, "new=2")
		s.Renew()
		s.expect(t, gather, uno+" sensor_new sensor_old")
		s.read(w, 2+keptDays, "new=2")
		s.Renew()
		s.expect(t, gather, uno+" sensor_new -sensor_old")
		s.expect(t, settle, uno+" sensor_new")
		s.expect(t, settle, uno+" sensor_new")
		s.read(w, 3+keptDays, "old=1")
		s.expect(t, gather, uno+" sensor_new sensor_old")
	})
}

// What a board says of itself is announced, and kept over a restart.
func TestAnnouncer_Describe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "ha.json")
		s := begin(t, file)
		s.Set("homeassistant", []Announcement{board("uno", "led")})
		s.expect(t, gather, uno+" switch_led")
		s.Describe("uno", device.Description{Commands: map[string]device.Command{"fan": {Name: "fan", Type: device.Int, Max: at(int64(9))}}})
		s.expect(t, gather, uno+" number_fan switch_led")
		s.stop()
		s = begin(t, file)
		defer s.stop()
		s.Set("homeassistant", []Announcement{board("uno", "led")})
		s.expect(t, gather, uno+" number_fan switch_led")
		s.Describe("uno", device.Description{})
		s.expect(t, gather, uno+" -number_fan switch_led")
		s.expect(t, settle, uno+" switch_led")
	})
}

// A device is only observed while it is announced.
func TestObserver_FollowsSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := begin(t, filepath.Join(t.TempDir(), "ha.json"))
		defer s.stop()
		w := s.Observer(device.Device{ID: "uno"})
		s.read(w, 1, "a=1")
		s.Set("homeassistant", []Announcement{board("uno")})
		s.expect(t, time.Minute, "")
		s.read(w, 1, "a=1")
		s.expect(t, gather, uno+" sensor_a")
		s.Set("homeassistant", nil)
		s.read(w, 1, "a=1", "b=1")
		s.expect(t, time.Minute, uno)
		s.Set("homeassistant", []Announcement{board("uno")})
		s.read(w, 1, "b=1")
		s.expect(t, gather, uno+" sensor_b")
	})
}

// Units come from devices.yaml, else from the board while it prints only one.
func TestObserver_Units(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := begin(t, filepath.Join(t.TempDir(), "ha.json"))
		defer s.stop()
		d := board("uno")
		d.Readings = map[string]device.ReadingSpec{"fixed": {Unit: "V"}}
		s.Set("homeassistant", []Announcement{d})
		w := s.Observer(device.Device{ID: "uno", Readings: d.Readings})
		for _, unit := range []string{"", "degC", "°C", "mV"} {
			for range patience {
				w.Observe(time.Unix(0, 0), []device.Reading{{Name: "t", Value: "nan"}, {Name: "fixed", Value: "1", Unit: "V"}})
				w.Observe(time.Unix(0, 0), []device.Reading{{Name: "t", Value: "23.5", Unit: unit}})
			}
			time.Sleep(gather)
			synctest.Wait()
			got := s.broker.topics[uno]
			if has := strings.Contains(got, `"unit_of_meas":"°C"`); has != strings.HasSuffix(unit, "C") || !strings.Contains(got, `"unit_of_meas":"V"`) {
				t.Errorf("after %q: %s", unit, got)
			}
		}
		// A unit from devices.yaml is not remembered as the board's.
		s.Set("homeassistant", []Announcement{board("uno")})
		s.Observer(device.Device{ID: "uno"}).Observe(time.Unix(0, 0), []device.Reading{{Name: "fixed", Value: "1", Unit: "W"}})
		time.Sleep(gather)
		synctest.Wait()
		if got := s.broker.topics[uno]; !strings.Contains(got, `"unit_of_meas":"W"`) {
			t.Errorf("in its own unit: %s", got)
		}
	})
}

// A board that prints a new name with every line must fill neither the memory
// nor Home Assistant.
func TestObserver_BoundsReadings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := begin(t, filepath.Join(t.TempDir(), "ha.json"))
		defer s.stop()
		s.Set("homeassistant", []Announcement{board("uno")})
		w := s.Observer(device.Device{ID: "uno"})
		for i := range 3 * maxReadings {
			s.read(w, 1, fmt.Sprint("x", i, "=1"))
		}
		time.Sleep(gather)
		synctest.Wait()
		if n := strings.Count(s.broker.topics[uno], `"p":"sensor"`); n != maxReadings || len(w.known) != maxReadings {
			t.Errorf("%d announced, %d known", n, len(w.known))
		}
	})
}

// A new reading replaces one that did not come today, if there are too many: the names of
// a former sketch keep none out.
func TestObserver_NewReadingReplacesAnOldOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := begin(t, filepath.Join(t.TempDir(), "ha.json"))
		defer s.stop()
		s.Set("homeassistant", []Announcement{board("uno")})
		w := s.Observer(device.Device{ID: "uno"})
		for i := range maxReadings {
			s.read(w, 1, fmt.Sprint("x", i, "=1"))
		}
		s.read(w, 2, "temperature=1")
		time.Sleep(gather)
		synctest.Wait()
		if got := s.broker.topics[uno]; !strings.Contains(got, "sensor_temperature") || strings.Count(got, `"p":"sensor"`) != maxReadings {
			t.Errorf("announced: %s", got)
		}
	})
}

// One odd value changes nothing. Values that are not numbers make a text of a reading if
// there are three in a row, or if they are more than one in four for long; values in
// another unit make it mixed if there are three.
func TestDoubt_Settle(t *testing.T) {
	number, celsius, text, volts := device.Reading{Value: "1"}, device.Reading{Value: "1", Unit: "C"}, device.Reading{Value: "ERR"}, device.Reading{Value: "1", Unit: "V"}
	repeat := func(times int, r ...device.Reading) (all []device.Reading) {
		for range times {
			all = append(all, r...)
		}
		return all
	}
	for name, c := range map[string]struct {
		values      []device.Reading
		text, mixed bool
	}{
		"two texts":            {[]device.Reading{text, text}, false, false},
		"three texts":          {[]device.Reading{text, text, text}, true, false},
		"a rare text":          {repeat(100, text, number, number, number, number), false, false},
		"two texts, far apart": {append(repeat(2, text), append(repeat(6, number), repeat(2, text)...)...), false, false},
		"text and numbers":     {repeat(20, text, number), true, false},
		"two other units":      {repeat(2, volts, celsius), false, false},
		"three other units":    {repeat(3, volts, celsius, celsius), false, true},
	} {
		now, d := traits{}.with(celsius, 0), doubt{}
		for _, v := range c.values {
			now = d.settle(now, now.with(v, 0))
		}
		if now.Text != c.text || now.Mixed != c.mixed {
			t.Errorf("%s: %+v", name, now)
		}
	}
}

// A line with nothing new costs no allocation, nor does one with an odd value.
func TestObserver_KnownLineAllocatesNothing(t *testing.T) {
	a := New(filepath.Join(t.TempDir(), "ha.json"), "v1", slog.New(slog.DiscardHandler))
	a.Set("homeassistant", []Announcement{board("uno")})
	w := a.Observer(device.Device{ID: "uno"})
	line := []device.Reading{{Name: "temperature", Value: "23.50", Unit: "°C"}, {Name: "humidity", Value: "40.2"}, {Name: "led", Value: "on"}}
	at := time.Unix(1767323045, 0)
	w.Observe(at, line)
	odd := []device.Reading{{Name: "temperature", Value: "4.9", Unit: "mV"}}
	w.Observe(at, odd)
	for _, line := range [][]device.Reading{line, line[1:]} {
		if n := testing.AllocsPerRun(100, func() { w.Observe(at, line) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
	}
}

func BenchmarkObserver(b *testing.B) {
	a := New(filepath.Join(b.TempDir(), "ha.json"), "v1", slog.New(slog.DiscardHandler))
	a.Set("homeassistant", []Announcement{board("uno")})
	w := a.Observer(device.Device{ID: "uno"})
	line := []device.Reading{{Name: "temperature", Value: "23.50", Unit: "°C"}, {Name: "humidity", Value: "40.2"}}
	at := time.Unix(1767323045, 0)
	for b.Loop() {
		w.Observe(at, line)
	}
}
