package homeassistant

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
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
	s.Announcer = New(file, "v1", slog.New(slog.DiscardHandler))
	s.PublishTo(s.broker)
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

// read shows an observer a line such as t=23.5, a name without a value being a text.
func (s *stage) read(w *Observer, day int, readings ...string) {
	var line []device.Reading
	for _, text := range readings {
		name, value, _ := strings.Cut(text, "=")
		line = append(line, device.Reading{Name: name, Value: value})
	}
	w.Observe(time.Unix(int64(day)*24*60*60, 0), line)
}
