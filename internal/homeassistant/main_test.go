package homeassistant

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"os"
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

// retained is a publisher that holds what a broker would have retained. It calls
// done at once, or after back while it is away.
type retained struct {
	t     *testing.T
	rules rules
	file  string // memory that must have an announcement before it is made; "": not checked

	mu     sync.Mutex
	topics map[string]string
	log    []string // TOPIC NUMBER-OF-COMPONENTS [-GONE...]
	away   bool
	done   []func() // to be called by back
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
		r.done = append(r.done, done)
		return
	}
	go done()
}

// back ends the absence of the broker.
func (r *retained) back() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.away = false
	for _, done := range r.done {
		go done()
	}
	r.done = nil
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

// published returns what was published since its last call.
func (r *retained) published() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	slices.Sort(r.log)
	all := strings.Join(r.log, "\n")
	r.log = nil
	return all
}

// stage is a running announcer with its publisher.
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

// expect waits, and fails the test unless exactly this was published in that time.
func (s *stage) expect(t *testing.T, wait time.Duration, want string) {
	t.Helper()
	time.Sleep(wait)
	synctest.Wait()
	if got := s.broker.published(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func board(id string, commands ...string) Announcement {
	d := Announcement{ID: id, Topics: topics("devices/"+id, false), Commands: map[string]device.Command{}}
	for _, name := range commands {
		d.Commands[name] = device.Command{Name: name, Type: device.Bool}
	}
	return d
}

// read shows an observer a line such as t=23.5, a name without a value is a text.
func (s *stage) read(w *Observer, day int, readings ...string) {
	var line []device.Reading
	for _, text := range readings {
		name, value, _ := strings.Cut(text, "=")
		line = append(line, device.Reading{Name: name, Value: value})
	}
	w.Observe(time.Unix(int64(day)*24*60*60, 0), line)
}

// recall reads the file as a restart does.
func recall(file string) (memory, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return emptyMemory(), nil
	}
	if err != nil {
		return memory{}, err
	}
	return parseMemory(data)
}
