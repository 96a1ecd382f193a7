package homeassistant

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"arduino-gateway/device"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// retained stands in for the session: it has what a broker would have retained,
// and tells that at once, or when it is let.
type retained struct {
	t     *testing.T
	rules rules
	file  string // that must name what is announced before it is; "" is not looked at

	mu     sync.Mutex
	topics map[string]string
	log    []string // TOPIC NUMBER-OF-COMPONENTS [-GONE...]
	away   bool
	tell   []func()
}

func (r *retained) Retain(topic string, payload []byte, done func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, complaint := range r.rules.check(topic, payload) {
		r.t.Errorf("%s: %s", topic, complaint)
	}
	if m, err := recall(r.file); r.file != "" && (err != nil || m.Announced[topic] == nil) {
		r.t.Errorf("%s is announced before it is written down: %+v, %v", topic, m, err)
	}
	r.topics[topic] = string(payload)
	r.log = append(r.log, summary(topic, payload))
	if r.away {
		r.tell = append(r.tell, done)
		return
	}
	go done()
}

// back lets the broker tell what it has.
func (r *retained) back() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.away = false
	for _, done := range r.tell {
		go done()
	}
	r.tell = nil
}

func summary(topic string, payload []byte) string {
	var m struct{ Cmps map[string]map[string]any }
	_ = json.Unmarshal(payload, &m)
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(m.Cmps)) {
		if len(m.Cmps[key]) == 1 {
			key = "-" + key
		}
		parts = append(parts, key)
	}
	return strings.TrimSpace(topic + " " + strings.Join(parts, " "))
}

// said gives what was published since it was asked last.
func (r *retained) said() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	slices.Sort(r.log)
	all := strings.Join(r.log, "\n")
	r.log = nil
	return all
}

// stage is an announcer that runs.
type stage struct {
	*Announcer
	broker *retained
	stop   func()
}

func begin(t *testing.T, file string) *stage {
	t.Helper()
	s := &stage{broker: &retained{t: t, rules: readRules(t), file: file, topics: map[string]string{}}}
	s.Announcer = New(file, "v1", s.broker, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := s.Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	s.stop = func() { cancel(); <-ended }
	return s
}

// expect waits so long, and fails the test unless this was published meanwhile.
func (s *stage) expect(t *testing.T, wait time.Duration, want string) {
	t.Helper()
	time.Sleep(wait)
	synctest.Wait()
	if got := s.broker.said(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func board(id string, commands ...string) Device {
	d := Device{ID: id, Topics: topics("devices/"+id, false), Commands: map[string]device.Command{}}
	for _, name := range commands {
		d.Commands[name] = device.Command{Name: name, Type: device.Bool}
	}
	return d
}

// read has a watch see a line such as t=23.5, a name without a value being a text.
func (s *stage) read(w *Watch, day int, readings ...string) {
	var line []device.Reading
	for _, text := range readings {
		name, value, _ := strings.Cut(text, "=")
		line = append(line, device.Reading{Name: name, Value: value})
	}
	w.Line(time.Unix(int64(day)*24*60*60, 0), line)
}

const (
	uno = "homeassistant/device/devices_uno/config"
	due = "homeassistant/device/devices_due/config"
)

func TestReadingsAreAnnouncedWhenTheyCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := begin(t, filepath.Join(t.TempDir(), "ha.json"))
		defer s.stop()
		s.Set("homeassistant", []Device{board("uno", "led"), board("due")})
		w := s.Watch(device.Device{ID: "due"})
		s.expect(t, gather, uno+" switch_led") // and nothing of a device that there is nothing of
		s.read(w, 1, "a=1")
		s.expect(t, gather/2, "")
		s.read(w, 1, "b=2", "c=open")
		s.expect(t, gather/2, due+" sensor_a sensor_b sensor_c")
		s.read(w, 1, "a=3", "b=4", "c=5")
		s.expect(t, settle, due+" sensor_a sensor_b sensor_c\n"+uno+" switch_led") // all once more
		s.expect(t, time.Hour, "")                                                 // and nothing that is not new
		s.read(w, 1, "b=error")
		s.expect(t, gather, due+" sensor_a sensor_b sensor_c")
		if strings.Count(s.broker.topics[due], "is_number") != 1 {
			t.Errorf("b is no number: %s", s.broker.topics[due])
		}
	})
}

func TestAllIsSaidAgainWhenHomeAssistantStarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := begin(t, filepath.Join(t.TempDir(), "ha.json"))
		defer s.stop()
		devices := []Device{board("uno", "led"), board("due", "pin")}
		s.Set("homeassistant", devices)
		s.expect(t, gather, due+" switch_pin\n"+uno+" switch_led")
		s.expect(t, settle, due+" switch_pin\n"+uno+" switch_led")
		s.Set("homeassistant", devices)
		s.expect(t, time.Minute, "") // nothing has changed
		s.Renew()
		s.Renew()
		s.expect(t, time.Minute, due+" switch_pin\n"+uno+" switch_led")
	})
}

func TestWhatHasGoneIsTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := begin(t, filepath.Join(t.TempDir(), "ha.json"))
		defer s.stop()
		s.Set("homeassistant", []Device{board("uno", "led", "fan"), board("due", "pin")})
		s.expect(t, gather, due+" switch_pin\n"+uno+" switch_fan switch_led")
		s.Set("homeassistant", []Device{board("uno", "led")})
		s.expect(t, gather, due+"\n"+uno+" -switch_fan switch_led")
		s.expect(t, settle, uno+" switch_led")
		s.Renew()
		s.expect(t, time.Hour, uno+" switch_led")
		s.Set("homeassistant", nil) // as with discovery: off
		s.expect(t, time.Hour, uno)
		if _, err := os.Stat(s.file); err == nil {
			t.Error("with nothing to remember the file is still there")
		}
	})
}

func TestAnotherPrefix(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := begin(t, filepath.Join(t.TempDir(), "ha.json"))
		defer s.stop()
		s.Set("homeassistant", []Device{board("uno", "led")})
		s.expect(t, gather, uno+" switch_led")
		s.Set("homeassistant/two", []Device{board("uno", "led")})
		time.Sleep(gather)
		synctest.Wait()
		if s.broker.topics[uno] != "" || s.broker.topics["homeassistant/two/device/devices_uno/config"] == "" {
			t.Errorf("%v", s.broker.topics)
		}
	})
}

// Over restarts nothing is forgotten: neither what was found, nor what is to be
// taken back, be it while the gateway stood still, or before the broker had it.
func TestRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "ha.json")
		s := begin(t, file)
		s.Set("homeassistant", []Device{board("uno", "led"), board("due", "pin")})
		s.read(s.Watch(device.Device{ID: "uno"}), 1, "t=1")
		s.expect(t, gather, due+" switch_pin\n"+uno+" sensor_t switch_led")
		before := s.broker.topics[uno]
		s.stop()

		s = begin(t, file)
		s.broker.away = true
		s.Set("homeassistant", []Device{board("uno", "led")})
		s.expect(t, gather, due+"\n"+uno+" sensor_t switch_led")
		if s.broker.topics[uno] != before {
			t.Errorf("%s\nhas become %s", before, s.broker.topics[uno])
		}
		s.Set("homeassistant", []Device{board("uno")})
		s.expect(t, time.Hour, uno+" sensor_t -switch_led") // and waits for the broker
		s.stop()

		s = begin(t, file)
		s.broker.away = true
		s.Set("homeassistant", []Device{board("uno")})
		s.expect(t, time.Hour, due+"\n"+uno+" sensor_t -switch_led")
		s.broker.back()
		s.expect(t, time.Hour, uno+" sensor_t\n"+uno+" sensor_t")
		s.stop()

		s = begin(t, file)
		s.Set("homeassistant", []Device{board("uno")})
		s.expect(t, time.Hour, uno+" sensor_t\n"+uno+" sensor_t")
		s.stop()
	})
}

func TestAReadingThatComesNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := begin(t, filepath.Join(t.TempDir(), "ha.json"))
		defer s.stop()
		s.Set("homeassistant", []Device{board("uno")})
		w := s.Watch(device.Device{ID: "uno"})
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

func TestABoardDescribesItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "ha.json")
		s := begin(t, file)
		s.Set("homeassistant", []Device{board("uno", "led")})
		s.expect(t, gather, uno+" switch_led")
		s.Describe("uno", device.Description{Commands: map[string]device.Command{"fan": {Name: "fan", Type: device.Int, Max: at(int64(9))}}})
		s.expect(t, gather, uno+" number_fan switch_led")
		s.stop()
		s = begin(t, file)
		defer s.stop()
		s.Set("homeassistant", []Device{board("uno", "led")})
		s.expect(t, gather, uno+" number_fan switch_led")
		s.Describe("uno", device.Description{})
		s.expect(t, gather, uno+" -number_fan switch_led")
		s.expect(t, settle, uno+" switch_led")
	})
}

// A device that is not announced is not watched, and is again when it is.
func TestWatchFollowsSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := begin(t, filepath.Join(t.TempDir(), "ha.json"))
		defer s.stop()
		w := s.Watch(device.Device{ID: "uno"})
		s.read(w, 1, "a=1")
		s.Set("homeassistant", []Device{board("uno")})
		s.expect(t, time.Minute, "")
		s.read(w, 1, "a=1")
		s.expect(t, gather, uno+" sensor_a")
		s.Set("homeassistant", nil)
		s.read(w, 1, "a=1", "b=1")
		s.expect(t, time.Minute, uno)
		s.Set("homeassistant", []Device{board("uno")})
		s.read(w, 1, "b=1")
		s.expect(t, gather, uno+" sensor_b")
	})
}

func TestUnits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := begin(t, filepath.Join(t.TempDir(), "ha.json"))
		defer s.stop()
		d := board("uno")
		d.Readings = map[string]device.ReadingSpec{"fixed": {Unit: "V"}}
		s.Set("homeassistant", []Device{d})
		w := s.Watch(device.Device{ID: "uno", Readings: d.Readings})
		for _, unit := range []string{"", "degC", "°C", "mV"} {
			w.Line(time.Unix(0, 0), []device.Reading{{Name: "t", Value: "nan"}, {Name: "fixed", Value: "1", Unit: "V"}})
			w.Line(time.Unix(0, 0), []device.Reading{{Name: "t", Value: "23.5", Unit: unit}})
			time.Sleep(gather)
			synctest.Wait()
			said := s.broker.topics[uno]
			if has := strings.Contains(said, `"unit_of_meas":"°C"`); has != strings.HasSuffix(unit, "C") || !strings.Contains(said, `"unit_of_meas":"V"`) {
				t.Errorf("after %q: %s", unit, said)
			}
		}
		// What devices.yaml said of a unit is not what the board does.
		s.Set("homeassistant", []Device{board("uno")})
		s.Watch(device.Device{ID: "uno"}).Line(time.Unix(0, 0), []device.Reading{{Name: "fixed", Value: "1", Unit: "W"}})
		time.Sleep(gather)
		synctest.Wait()
		if said := s.broker.topics[uno]; !strings.Contains(said, `"unit_of_meas":"W"`) {
			t.Errorf("in its own unit: %s", said)
		}
	})
}

// A board that prints a new name with every line must fill neither the memory
// nor Home Assistant.
func TestReadingsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := begin(t, filepath.Join(t.TempDir(), "ha.json"))
		defer s.stop()
		s.Set("homeassistant", []Device{board("uno")})
		w := s.Watch(device.Device{ID: "uno"})
		for i := range 3 * mostReadings {
			s.read(w, 1, fmt.Sprint("x", i, "=1"))
		}
		time.Sleep(gather)
		synctest.Wait()
		if n := strings.Count(s.broker.topics[uno], `"p":"sensor"`); n != mostReadings || len(w.known) != mostReadings {
			t.Errorf("%d announced, %d known", n, len(w.known))
		}
	})
}

func TestADamagedFileIsNoObstacle(t *testing.T) {
	for _, text := range []string{"", "{", `{"version":2}`, `{"version":1,"readings":null}`, `{"version":1,"readings":{"uno":7}}`, "\x00\x00"} {
		synctest.Test(t, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "ha.json")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			s := begin(t, file)
			s.Set("homeassistant", []Device{board("uno", "led")})
			s.expect(t, gather, uno+" switch_led")
			s.stop()
			if m, err := recall(file); err != nil || len(m.Announced[uno]) != 1 {
				t.Errorf("%q was not mended: %+v, %v", text, m, err)
			}
		})
	}
}

func TestAFileThatCannotBeWrittenIsNoObstacle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := begin(t, filepath.Join(t.TempDir(), "away", "ha.json"))
		s.broker.file = ""
		s.Set("homeassistant", []Device{board("uno", "led")})
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

func TestALineThatIsNotNewAllocatesNothing(t *testing.T) {
	a := New(filepath.Join(t.TempDir(), "ha.json"), "v1", &retained{t: t, topics: map[string]string{}}, slog.New(slog.DiscardHandler))
	a.Set("homeassistant", []Device{board("uno")})
	w := a.Watch(device.Device{ID: "uno"})
	line := []device.Reading{{Name: "temperature", Value: "23.50", Unit: "°C"}, {Name: "humidity", Value: "40.2"}, {Name: "led", Value: "on"}}
	at := time.Unix(1767323045, 0)
	w.Line(at, line)
	if n := testing.AllocsPerRun(100, func() { w.Line(at, line) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkLine(b *testing.B) {
	a := New(filepath.Join(b.TempDir(), "ha.json"), "v1", nil, slog.New(slog.DiscardHandler))
	a.Set("homeassistant", []Device{board("uno")})
	w := a.Watch(device.Device{ID: "uno"})
	line := []device.Reading{{Name: "temperature", Value: "23.50", Unit: "°C"}, {Name: "humidity", Value: "40.2"}}
	at := time.Unix(1767323045, 0)
	for b.Loop() {
		w.Line(at, line)
	}
}
