package logging

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/slogtest"
	"testing/synctest"
	"time"
	"unicode/utf8"
)

var at = time.Date(2026, 1, 2, 15, 4, 5, 678e6, time.UTC)

// record writes one record at a fixed time.
func record(h slog.Handler, level slog.Level, message string, args ...any) {
	r := slog.NewRecord(at, level, message, 0)
	r.Add(args...)
	_ = h.Handle(context.Background(), r)
}

// Each style writes exactly this.
func TestText(t *testing.T) {
	file := style{time: "2006-01-02T15:04:05.000Z07:00"}
	terminal := style{time: "15:04:05.000", colour: true}
	cases := []struct {
		style style
		write func(slog.Handler)
		want  string
	}{
		{file, func(h slog.Handler) {
			record(h, slog.LevelWarn, "port lost", "port", "/dev/ttyACM0", "device", "greenhouse", "retry", 2*time.Second)
		}, "2026-01-02T15:04:05.678Z WARN  greenhouse: port lost port=/dev/ttyACM0 retry=2s\n"},
		{style{}, func(h slog.Handler) {
			h = h.WithAttrs([]slog.Attr{slog.String("device", "attic"), slog.Int("baud", 9600)})
			record(h, slog.LevelInfo, "open", "error", errors.New(`no "such" file`), "empty", "", "at", at)
		}, "INFO  attic: open baud=9600 error=\"no \\\"such\\\" file\" empty=\"\" at=2026-01-02T15:04:05.678Z\n"},
		{style{priority: true}, func(h slog.Handler) {
			h = h.WithGroup("mqtt").WithAttrs([]slog.Attr{slog.Int("qos", 1)}).WithGroup("").WithGroup("tls")
			record(h, slog.LevelError, "refused", "device", "x", slog.Group("ca", "file", "a b"), slog.Group("", "in", "line"), slog.Attr{})
			record(h, slog.LevelDebug, "d")
			record(h, slog.LevelInfo, "i")
			record(h, slog.LevelWarn+1, "w")
		}, "<3>ERROR refused mqtt.qos=1 mqtt.tls.device=x mqtt.tls.ca.file=\"a b\" mqtt.tls.in=line\n" +
			"<7>DEBUG d mqtt.qos=1\n<6>INFO  i mqtt.qos=1\n<4>WARN+1 w mqtt.qos=1\n"},
		{style{}, func(h slog.Handler) {
			record(h, slog.LevelInfo, "line\nERROR forged\x1b[2J", "device", "a\rb", "k", "v\x1b[0m", "°", "23.5 °C")
		}, `INFO  a\rb: line\nERROR forged\x1b[2J k="v\x1b[0m" °="23.5 °C"` + "\n"},
		{terminal, func(h slog.Handler) { record(h, slog.LevelError, "lost", "device", "a", "n", 1) },
			dim + "15:04:05.678" + plain + " " + red + "ERROR" + plain + " " + bold + "a:" + plain + " lost " + dim + "n=" + plain + "1\n"},
	}
	for _, c := range cases {
		var out bytes.Buffer
		c.write(newText(&out, c.style, slog.LevelDebug))
		if out.String() != c.want {
			t.Errorf("got  %q\nwant %q", out.String(), c.want)
		}
	}
}

// Each level has a colour of its own.
func TestText_ColoursDiffer(t *testing.T) {
	seen := map[string]bool{}
	for _, l := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
		seen[colour(l)] = true
	}
	if len(seen) != 4 {
		t.Fatalf("four levels have %d colours", len(seen))
	}
}

// A repeated message is omitted for a minute, and counted.
func TestLimiter_OmitsRepeats(t *testing.T) {
	l := limiter{known: map[key]lastWrite{}}
	warn := key{level: slog.LevelWarn, message: "port lost", subject: "a"}
	for _, step := range []struct {
		k       key
		after   time.Duration
		write   bool
		omitted int
	}{
		{warn, 0, true, 0},
		{warn, time.Second, false, 0},
		{key{level: slog.LevelWarn, message: "port lost", subject: "b"}, time.Second, true, 0},
		{key{level: slog.LevelError, message: "port lost", subject: "a"}, time.Second, true, 0},
		{key{level: slog.LevelWarn, message: "port found", subject: "a"}, time.Second, true, 0},
		{warn, repeatAfter - 1, false, 0},
		{warn, repeatAfter, true, 2},
		{warn, 2*repeatAfter - 1, false, 0},
		{warn, 5 * repeatAfter, true, 1},
		{warn, 7 * repeatAfter, true, 0},
		{warn, time.Minute, true, 0}, // the clock was set back
	} {
		if write, omitted := l.decide(step.k, at.Add(step.after)); write != step.write || omitted != step.omitted {
			t.Errorf("%v after %v: %v, %d; want %v, %d", step.k, step.after, write, omitted, step.write, step.omitted)
		}
	}
}

// A broker that restarts within a minute must not leave "connection lost" as the
// last line of the log; one that flaps must not fill the disk.
func TestLimiter_WritesGoodNewsAfterAWarning(t *testing.T) {
	l := limiter{known: map[key]lastWrite{}}
	back := key{level: slog.LevelInfo, message: "connected", subject: "a"}
	lost := key{level: slog.LevelWarn, message: "connection lost", subject: "a"}
	for i, step := range []struct {
		k       key
		write   bool
		omitted int
	}{
		{back, true, 0},
		{back, false, 0},
		{key{level: slog.LevelWarn, message: "connection lost", subject: "b"}, true, 0},
		{back, false, 0}, // the warning was about another device
		{lost, true, 0},
		{back, true, 2},
		{lost, false, 0},
		{back, false, 0}, // the last line is that it is connected
		{lost, false, 0},
		{back, false, 0},
	} {
		if write, omitted := l.decide(step.k, at.Add(time.Duration(i)*time.Second)); write != step.write || omitted != step.omitted {
			t.Errorf("step %d, %v: %v, %d; want %v, %d", i, step.k, write, omitted, step.write, step.omitted)
		}
	}
}

// The oldest messages are forgotten first.
func TestLimiter_IsBounded(t *testing.T) {
	l := limiter{known: map[key]lastWrite{}}
	for i := range 5 * maxMessages {
		k := key{message: strconv.Itoa(i)}
		if write, _ := l.decide(k, at.Add(time.Duration(i))); !write {
			t.Fatalf("message %d is new and was omitted", i)
		}
		l.decide(k, at.Add(time.Duration(i)))
		if len(l.known) > maxMessages {
			t.Fatalf("%d messages are remembered", len(l.known))
		}
	}
	newest := key{message: strconv.Itoa(5*maxMessages - 1)}
	if write, _ := l.decide(newest, at.Add(repeatAfter/2)); write {
		t.Fatal("the newest was forgotten before the oldest")
	}
	l.known = map[key]lastWrite{}
	for i := range maxMessages {
		l.decide(key{message: strconv.Itoa(i)}, at)
	}
	l.decide(key{message: "later"}, at.Add(repeatAfter))
	if len(l.known) != 1 {
		t.Fatalf("%d messages are remembered after a minute, want the new one", len(l.known))
	}
}

// A message that repeats has the number of omitted ones.
func TestLogger_CountsRepeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		log := New(&out, "json", slog.LevelDebug)
		attic := log.With("device", "attic")
		for i := range 100 { // a record a second
			attic.Warn("port lost", "try", i)
			log.Warn("port lost", "device", "attic") // the same
			attic.Debug("looking")
			time.Sleep(time.Second)
		}
		attic.WithGroup("g").With("device", "x").WithGroup("").Warn("port lost", "device", "y") // the same, too
		var warnings, debugs int
		for line := range strings.Lines(out.String()) {
			var got struct {
				Level    string
				Repeated int
			}
			if err := json.Unmarshal([]byte(line), &got); err != nil {
				t.Fatal(err)
			}
			switch {
			case got.Level == "DEBUG":
				debugs++
			case warnings == 1 && got.Repeated != 119:
				t.Errorf("the second warning says %d, want 119: %s", got.Repeated, line)
				fallthrough
			default:
				warnings++
			}
		}
		if warnings != 2 || debugs != 100 {
			t.Fatalf("%d warnings and %d debug lines, want 2 and 100", warnings, debugs)
		}
	})
}

// Records below the level are not written.
func TestNew_Level(t *testing.T) {
	var out bytes.Buffer
	log := New(&out, "", slog.LevelWarn)
	log.Info("no")
	log.Warn("yes")
	if got := out.String(); !strings.HasSuffix(got, " WARN  yes\n") || strings.Contains(got, "no") {
		t.Fatalf("got %q", got)
	}
}

// The handler passes the checks of the standard library.
func TestHandler_Slogtest(t *testing.T) {
	var out bytes.Buffer
	newHandler := func(*testing.T) slog.Handler {
		out.Reset()
		return newLimited(newText(&out, style{time: "15:04:05.000"}, slog.LevelDebug))
	}
	slogtest.Run(t, newHandler, func(t *testing.T) map[string]any { return parse(t, out.String()) })
}

// parse turns "15:04:05.678 INFO  message a=b G.c=d" into slogtest's map.
func parse(t *testing.T, line string) map[string]any {
	t.Helper()
	m := map[string]any{}
	words := strings.Fields(line)
	if strings.Contains(words[0], ":") {
		m[slog.TimeKey], words = words[0], words[1:]
	}
	m[slog.LevelKey], m[slog.MessageKey] = words[0], words[1]
	for _, word := range words[2:] {
		path, value, found := strings.Cut(word, "=")
		if !found {
			t.Fatalf("%q in %q is not key=value", word, line)
		}
		in, keys := m, strings.Split(path, ".")
		for _, k := range keys[:len(keys)-1] {
			if in[k] == nil {
				in[k] = map[string]any{}
			}
			in = in[k].(map[string]any)
		}
		in[keys[len(keys)-1]] = value
	}
	return m
}

// Lines of several goroutines do not mix.
func TestText_ConcurrentLinesAreWhole(t *testing.T) {
	var out bytes.Buffer
	log := New(&out, "text", slog.LevelDebug)
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Go(func() {
			for range 100 {
				log.With("device", i).Debug("m", "k", "v")
			}
		})
	}
	wg.Wait()
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for _, line := range lines {
		if !strings.HasSuffix(line, ": m k=v") {
			t.Fatalf("a torn line: %q", line)
		}
	}
	if len(lines) != 1000 {
		t.Fatalf("%d lines, want 1000", len(lines))
	}
}

// Any record is one clean line.
func FuzzText(f *testing.F) {
	f.Add("m\n", "d\r", "k", "\x1b[2J")
	f.Add("\x9b2J", "\xff", "\x9b", "\x9b")
	f.Fuzz(func(t *testing.T, message, device, key, value string) {
		var out bytes.Buffer
		record(newText(&out, style{}, slog.LevelDebug), slog.LevelInfo, message, slog.String("device", device), slog.String(key, value))
		body, ended := strings.CutSuffix(out.String(), "\n")
		if !ended || !utf8.ValidString(body) || strings.ContainsAny(body, "\n\r\x1b\x00\u2028\u0085") {
			t.Fatalf("not one clean line: %q", out.String())
		}
	})
}

// Equal messages about two ports are both written, if no device has the ports.
func TestLogger_TellsPortsApart(t *testing.T) {
	var out strings.Builder
	log := slog.New(newLimited(newText(&out, style{}, slog.LevelInfo)))
	for range 2 {
		log.Info("opening", "port", "a")
		log.With("port", "b").Info("opening")
		log.Info("opening", "port", "a", "device", "uno") // the port is no subject here
		log.Info("opening", "port", "b", "device", "uno")
	}
	if got := strings.Count(out.String(), "opening"); got != 3 {
		t.Errorf("written %d times:\n%s", got, out.String())
	}
}

// Equal messages about two boards are both written, though one followed the other at
// the same port. Both are the port's: a warning lets a lesser message be repeated.
func TestLogger_TellsBoardsApart(t *testing.T) {
	var out strings.Builder
	log := slog.New(newLimited(newText(&out, style{}, slog.LevelInfo)))
	for range 2 {
		log.Info("opening", "port", "a")
		log.Warn("refused", "port", "a", "id", "tank")
		log.Warn("refused", "port", "a", "id", "attic")
	}
	for text, want := range map[string]int{"refused": 2, "opening": 2} {
		if got := strings.Count(out.String(), text); got != want {
			t.Errorf("%q %d times, want %d:\n%s", text, got, want, out.String())
		}
	}
}

// A record with this context is written each time.
func TestAlways(t *testing.T) {
	var out strings.Builder
	log := slog.New(newLimited(newText(&out, style{}, slog.LevelInfo)))
	say := func(ctx context.Context) {
		log.InfoContext(ctx, "connected", "device", "uno")
		log.InfoContext(ctx, "connected", "device", "due")
	}
	say(context.Background())
	say(context.Background())
	for range 2 {
		log.InfoContext(Always(context.Background()), "device changed", "device", "uno")
	}
	say(context.Background())
	log.InfoContext(Always(context.Background()), "mqtt changed")
	say(context.Background())
	for text, want := range map[string]int{"device changed": 2, "uno: connected": 3, "due: connected": 2} {
		if got := strings.Count(out.String(), text); got != want {
			t.Errorf("%q %d times, want %d:\n%s", text, got, want, out.String())
		}
	}
}
