package web

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/monitor"
	"arduino-gateway/internal/status"
)

// stream is an open event stream.
type stream struct {
	t  *testing.T
	in *bufio.Scanner
}

func openStream(t *testing.T, url string) *stream {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	r, _ := http.NewRequestWithContext(ctx, "GET", url, nil)
	transport := &http.Transport{DisableKeepAlives: true}
	response, err := (&http.Client{Transport: transport}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	if got := response.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Fatalf("%s: %s", response.Status, got)
	}
	in := bufio.NewScanner(response.Body)
	in.Buffer(nil, 1<<20)
	return &stream{t, in}
}

// until returns the data of the first event of a kind that contains text.
func (s *stream) until(kind, text string) string {
	s.t.Helper()
	for current := ""; s.in.Scan(); {
		line := s.in.Text()
		if name, ok := strings.CutPrefix(line, "event: "); ok {
			current = name
		}
		data, ok := strings.CutPrefix(line, "data: ")
		if ok && !json.Valid([]byte(data)) {
			s.t.Fatalf("not JSON: %s", data)
		}
		if ok && current == kind && strings.Contains(data, text) {
			return data
		}
	}
	s.t.Fatalf("the stream ended before %s %s: %v", kind, text, s.in.Err())
	return ""
}

// TestFeed_SendsOnlyWhatChanges reads a stream while one thing after another changes.
func TestFeed_SendsOnlyWhatChanges(t *testing.T) {
	f := small()
	url := serve(t, f, nil) + "api/v1/events"
	s := openStream(t, url+"?lines=uno")
	state := s.until("state", "")
	for _, want := range []string{`"step":2000`, `"gateway":{"id":"pi-greenhouse"`, `"devices":[{"id":"uno"`, `["u","-3","V",`} {
		if !strings.Contains(state, want) {
			t.Errorf("the state lacks %s:\n%s", want, state)
		}
	}
	f.store.Device("uno").Readings(time.Now(), []device.Reading{{Name: "u", Value: "9.5", Unit: "V"}})
	update := s.until("update", `["u","9.5","V",`)
	if strings.Contains(update, "door") || strings.Contains(update, "online") || strings.Contains(update, `"gateway"`) {
		t.Errorf("sent again what did not change: %s", update)
	}
	f.change("uno", func(d *status.Device) { d.Online = false })
	s.until("update", `"online":false`)
	f.mu.Lock()
	f.state.Broker.Connected = false
	f.mu.Unlock()
	s.until("update", `"gateway":{"id"`)
	at := time.Date(2026, 1, 2, 4, 4, 5, 0, time.FixedZone("CET", 3600))
	f.hub.Publish(monitor.Event{Time: at, Device: "uno", Kind: monitor.In, Text: "u=9.5 \xff", Readings: []device.Reading{{Name: "u", Value: "9.5"}}})
	s.until("lines", `"time":"2026-01-02T03:04:05Z","kind":"in","text":"u=9.5 \\xff","readings":[{"name":"u","value":"9.5"}]`)
	f.add("due", "/dev/ttyACM1", nil)
	if state := s.until("state", ""); !strings.Contains(state, `"id":"due"`) {
		t.Errorf("a new device: %s", state)
	}
	if f.hub.Active("due") || !f.hub.Active("uno") {
		t.Error("the wrong board is watched")
	}
}

// TestFeed_BeginsWithTheLastLines opens pages while a board prints: each gets the last
// lines at once, and then each line exactly once.
func TestFeed_BeginsWithTheLastLines(t *testing.T) {
	f := small()
	url := serve(t, f, nil) + "api/v1/events?lines=uno"
	if first := openStream(t, url).until("lines", ""); !strings.HasPrefix(first, `{"device":"uno","earlier":true,"lines":[`) ||
		!strings.Contains(first, `"text":"u=2","readings":[{"name":"u","value":"2","unit":"V"}`) {
		t.Errorf("at first: %s", first)
	}
	stop, stopped := make(chan bool), make(chan bool)
	go func() {
		defer close(stopped)
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
				f.say("uno", fmt.Sprint("n=", n))
			}
		}
	}()
	defer func() { close(stop); <-stopped }()
	for range 5 {
		s, next, frames := openStream(t, url), 0, 0
		for frames < 5 {
			var got linesJSON
			if err := json.Unmarshal([]byte(s.until("lines", "n=")), &got); err != nil {
				t.Fatal(err)
			}
			if got.Earlier != (frames == 0) {
				t.Errorf("frame %d: earlier is %v", frames, got.Earlier)
			}
			frames++
			for i, l := range got.Lines {
				var n int
				if _, err := fmt.Sscanf(l.Text, "n=%d", &n); err != nil {
					continue // a line of small
				}
				if next > 0 && n != next && (i > 0 || got.Skipped == 0) {
					t.Errorf("line %d came where %d should", n, next)
				}
				next = n + 1
			}
		}
		if next == 0 {
			t.Error("no line")
		}
	}
}

// TestFeed_SleepsWithoutPages counts how often the gateway is polled: never while no
// page is open.
func TestFeed_SleepsWithoutPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &counting{fake: small()}
		feed := newFeed(f)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); feed.run(ctx) }()
		time.Sleep(time.Hour)
		if f.asked != 0 {
			t.Errorf("polled %d times without a page", f.asked)
		}
		p, _ := feed.join("uno")
		go func() {
			for range p.frames {
			}
		}()
		time.Sleep(time.Second)
		synctest.Wait()
		if f.asked < 9 || f.asked > 11 {
			t.Errorf("polled %d times in a second", f.asked)
		}
		if !f.hub.Active("uno") {
			t.Error("the board is not watched")
		}
		feed.leave(p)
		time.Sleep(time.Second)
		before := f.asked
		time.Sleep(time.Hour)
		if f.asked != before || f.hub.Active("uno") {
			t.Errorf("polled %d times more, watched: %v", f.asked-before, f.hub.Active("uno"))
		}
		close(p.frames)
		cancel()
		<-ended
	})
}

type counting struct {
	*fake
	asked int
}

func (c *counting) Status(now time.Time) status.Snapshot {
	c.asked++
	return c.fake.Status(now)
}

// TestFeed_DropsASlowPage never reads the frames of a page.
func TestFeed_DropsASlowPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := small()
		feed := newFeed(f)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); feed.run(ctx) }()
		slow, _ := feed.join("")
		for i := 0; ; i++ {
			f.store.Device("uno").Readings(time.Now(), []device.Reading{{Name: "u", Value: "1"}})
			time.Sleep(tick)
			synctest.Wait()
			select {
			case <-slow.lost:
			default:
				if i > 2*mostWait {
					t.Fatal("not dropped")
				}
				continue
			}
			break
		}
		cancel()
		<-ended
	})
}

// TestFeed_LimitsPages opens one page more than the limit.
func TestFeed_LimitsPages(t *testing.T) {
	feed := newFeed(small())
	for range mostPages {
		if _, err := feed.join(""); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := feed.join(""); err == nil {
		t.Error("one page too many")
	}
}

// TestLines_LimitsAFrame sends more lines than one frame holds.
func TestLines_LimitsAFrame(t *testing.T) {
	events := make([]monitor.Event, 100)
	for i := range events {
		events[i].Dropped = 1
	}
	got := linesOf("uno", events)
	if len(got.Lines) != mostLines || got.Skipped != 100+100-mostLines {
		t.Errorf("%d lines, %d skipped", len(got.Lines), got.Skipped)
	}
}

// TestLines_Shown covers control characters, bytes that are not text, and long lines.
func TestLines_Shown(t *testing.T) {
	for text, want := range map[string]string{
		"t=23.5 °C\t":            "t=23.5 °C\t",
		"a\x1b[31mb":             `a\x1b[31mb`,
		"t \xb0C":                `t \xb0C`,
		"\u202etxt":              `\u202etxt`,
		strings.Repeat("é", 300): strings.Repeat("é", 256) + "…",
	} {
		if got := shown(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// BenchmarkTurn measures one of ten updates a second with 32 boards of 50 lines a
// second and three readings each. The number of pages does not matter.
func BenchmarkTurn(b *testing.B) {
	f := newFake()
	readings := []device.Reading{{Name: "temperature", Value: "23.51", Unit: "°C"}, {Name: "humidity", Value: "40.2", Unit: "%"}, {Name: "light", Value: "512"}}
	for i := range 32 {
		f.add("board"+text(float64(i), 0), "/dev/ttyUSB0", nil)
	}
	v := newView(f)
	now := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(tick)
		for i := range f.state.Devices {
			f.state.Devices[i].Counts.Lines += 5
			f.store.Device(f.state.Devices[i].ID).Readings(now, readings)
		}
		frame, _ := v.look(now)
		b.SetBytes(int64(len(frame)))
	}
}
