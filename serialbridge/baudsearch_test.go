package serialbridge

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"arduino-gateway/internal/logtest"
)

// readAt returns what a UART at one rate receives from another at its own: it
// samples the line in the middle of each of its bits, as the wire of the
// simulated Uno does, which tests real firmware in baudsearch_linux_test.go.
func readAt(sent string, sender, reader int) (got []byte) {
	levels := make([]byte, 0, 10*len(sent)+10) // of the sender's bits
	for _, b := range []byte(sent) {
		levels = append(levels, 0)
		for i := range 8 {
			levels = append(levels, b>>i&1)
		}
		levels = append(levels, 1)
	}
	bit := float64(sender) / float64(reader) // of the reader, in bits of the sender
	at := func(t float64) byte {
		if int(t) >= len(levels) {
			return 1
		}
		return levels[int(t)]
	}
	for t := 0.0; int(t) < len(levels); {
		if at(t) == 1 {
			t = float64(int(t) + 1)
			continue
		}
		if at(t+bit/2) == 1 { // a glitch
			t += bit / 2
			continue
		}
		var value byte
		for i := range 8 {
			value |= at(t+(float64(i)+1.5)*bit) << i
		}
		got = append(got, value)
		for t += 9.5 * bit; at(t) == 0; { // a framing error: the line must rise first
			t = float64(int(t) + 1)
		}
	}
	return got
}

// sketches print lines of all kinds.
var sketches = map[string]func(random *rand.Rand) string{
	"pairs": func(r *rand.Rand) string {
		return fmt.Sprintf("temperature=%.2f,humidity=%.1f\r\n", 20+5*r.Float64(), 40+9*r.Float64())
	},
	"numbers": func(r *rand.Rand) string { return fmt.Sprintf("%d\r\n", r.IntN(1024)) },
	"latin1":  func(r *rand.Rand) string { return fmt.Sprintf("T: %.1f\xb0C\n", 20+5*r.Float64()) },
	"utf8":    func(r *rand.Rand) string { return fmt.Sprintf("Температура: %.1f°C\n", 20+5*r.Float64()) },
	"colours": func(r *rand.Rand) string { return fmt.Sprintf("\x1b[0;32mn=%d\x1b[0m\r\n", r.IntN(99)) },
}

// The test's own UART returns at the same rate what was sent.
func TestReadAt_ReturnsTheTextAtItsOwnRate(t *testing.T) {
	for _, rate := range usualRates {
		if got := readAt("t=23.5\xb0C\r\n", rate, rate); string(got) != "t=23.5\xb0C\r\n" {
			t.Errorf("%d: %q", rate, got)
		}
	}
}

// listenTo prints a line a second until the search has a finding, and returns it
// with the number of lines.
func listenTo(u *baudSearch, at time.Time, sender int, sketch func(*rand.Rand) string) (result finding, lines int) {
	random := rand.New(rand.NewPCG(1, 2))
	for ; result == noFinding && lines < 500; lines++ {
		at = at.Add(time.Second)
		u.quiet(at)
		if got := readAt(sketch(random), sender, u.rate); len(got) > 0 {
			result = u.hear(got, at)
		}
	}
	return result, lines
}

// The search finds each of the usual rates, with sketches of all kinds.
func TestBaudSearch_FindsEveryRate(t *testing.T) {
	for name, sketch := range sketches {
		for _, rate := range usualRates {
			u := baudSearch{tunable: true, rates: AllRates}
			u.opened(0, time.Unix(0, 0))
			result, lines := listenTo(&u, time.Unix(0, 0), rate, sketch)
			if result != baudFound || u.rate != rate || !u.reads() {
				t.Errorf("%s at %d: result %d, settled on %d after %d lines", name, rate, result, u.rate, lines)
			}
			if lines > 100 {
				t.Errorf("%s at %d: %d lines", name, rate, lines)
			}
			t.Logf("%s at %d: %d lines", name, rate, lines)
			if u.opened(0, time.Unix(600, 0)) != rate || !u.reads() {
				t.Errorf("%d is forgotten at the next open", rate)
			}
		}
	}
}

// With a fixed rate the search finds the one that works, and returns to its
// own.
func TestBaudSearch_NamesTheRightRate(t *testing.T) {
	for name, sketch := range sketches {
		for _, wanted := range []int{115200, 57600, 9600} {
			for _, rate := range usualRates {
				if rate > 26*wanted {
					continue // a line is shorter than a bit: nothing is received
				}
				u := baudSearch{tunable: true, rates: AllRates}
				u.opened(wanted, time.Unix(0, 0))
				result, lines := listenTo(&u, time.Unix(0, 0), rate, sketch)
				if rate == wanted {
					if result != noFinding || u.rate != wanted {
						t.Errorf("%s at %d: result %d", name, rate, result)
					}
					continue
				}
				if result != otherBaud || u.known != rate || u.rate != wanted || u.reads() {
					t.Errorf("%s at %d, not %d: result %d, %d baud after %d lines", name, rate, wanted, result, u.known, lines)
				}
				what, hint := u.describe(result)
				if want := fmt.Sprintf("text found at %d baud, not %d", rate, wanted); what != want || hint != fmt.Sprintf("set baud: %d, or baud: auto", rate) {
					t.Errorf("described as %q (%s)", what, hint)
				}
			}
		}
	}
}

// Binary talkers, a message each.
var talkers = map[string]func(*rand.Rand) string{
	"Firmata": func(r *rand.Rand) string {
		return "\xf9\x02\x05\xf0\x79\x02\x05S\x00t\x00d\x00\xf7" + string([]byte{0xe0, byte(r.IntN(128)), byte(r.IntN(8)), 0xe1, byte(r.IntN(128)), byte(r.IntN(8))})
	},
	"MIDI":   func(r *rand.Rand) string { return string([]byte{0x90, byte(r.IntN(128)), byte(r.IntN(128))}) },
	"random": func(r *rand.Rand) string { return string([]byte{byte(r.Uint32()), byte(r.Uint32()), byte(r.Uint32())}) },
}

// Binary protocols are not taken for text at any rate.
func TestBaudSearch_RejectsBinary(t *testing.T) {
	for name, talker := range talkers {
		for _, wanted := range []int{0, 57600} {
			for _, tunable := range []bool{true, wanted == 0} {
				u := baudSearch{tunable: tunable, rates: AllRates}
				u.opened(wanted, time.Unix(0, 0))
				result, lines := listenTo(&u, time.Unix(0, 0), 57600, talker)
				if result != notText || u.reads() || u.mode != ignoring {
					t.Errorf("%s, baud %d: result %d after %d messages", name, wanted, result, lines)
				}
				what, hint := u.describe(result)
				if strings.Contains(what, "Firmata") != (name == "Firmata") || hint == "" {
					t.Errorf("%s: described as %q (%s)", name, what, hint)
				}
			}
		}
	}
}

// A search without a result repeats at growing intervals, and hears text at
// once.
func TestBaudSearch_RestsAtGrowingIntervals(t *testing.T) {
	u := baudSearch{tunable: true, rates: AllRates}
	at := time.Unix(0, 0)
	u.opened(57600, at)
	random := rand.New(rand.NewPCG(1, 2))
	changes, findings, before := 0, 0, u.rate
	for range 24 * 3600 {
		at = at.Add(time.Second)
		if u.hear(readAt(talkers["random"](random), 57600, u.rate), at) == notText {
			findings++
		}
		if u.rate != before {
			changes++
			before = u.rate
		}
	}
	if findings < 20 || findings > 40 || changes > 80*len(usualRates) {
		t.Errorf("%d findings, %d changes of the rate in a day", findings, changes)
	}
	for u.mode == searching {
		at = at.Add(time.Second)
		u.hear([]byte{0, 0, 0}, at)
	}
	result, lines := listenTo(&u, at, 57600, sketches["pairs"])
	if result != textAgain || lines > 3 || !u.reads() {
		t.Errorf("result %d after %d lines", result, lines)
	}
}

// Bytes still on their way from the last rate must not hide the right one.
func TestBaudSearch_TriesASecondRound(t *testing.T) {
	u := baudSearch{tunable: true, rates: AllRates}
	at := time.Unix(0, 0)
	u.opened(0, at)
	for len(u.tried) < len(usualRates)-1 { // noise at every rate, also at 57600
		at = at.Add(dwell)
		u.hear([]byte{0, 0, 0, 0}, at)
	}
	result, lines := listenTo(&u, at, 57600, sketches["pairs"])
	if result != baudFound || u.rate != 57600 || lines > 20 {
		t.Errorf("result %d, %d baud after %d lines", result, u.rate, lines)
	}
}

// Short noise does not mean a wrong rate: an ESP8266 boots at 74880 baud,
// whatever its sketch uses.
func TestBaudSearch_IgnoresShortNoise(t *testing.T) {
	boot := readAt(strings.Repeat("ets Jan  8 2013,rst cause:2, boot mode:(3,6)\r\n", 10), 74880, 115200)
	for i, size := range []int{1, 4, 64, 4} { // as adapters pass on bytes
		pause := []time.Duration{time.Second, time.Minute}[i/3]
		u := baudSearch{tunable: true, rates: AllRates}
		at := time.Unix(0, 0)
		u.opened(115200, at)
		hear := func(p []byte) {
			for chunk := range slices.Chunk(p, size) {
				if result := u.hear(chunk, at); result != noFinding || !u.reads() || u.rate != 115200 {
					t.Fatalf("chunks of %d: result %d, %d baud", size, result, u.rate)
				}
			}
		}
		for range 20 {
			hear(boot)
			for range 30 {
				at = at.Add(pause)
				hear([]byte("t=23.5\r\n"))
			}
		}
	}
}

// Text in an old character set is text.
func TestTextDetector_AcceptsOldCharacterSets(t *testing.T) {
	u := baudSearch{tunable: true, rates: AllRates}
	at := time.Unix(0, 0)
	u.opened(9600, at)
	for range 60 { // Windows-1251
		at = at.Add(time.Second)
		if result := u.hear([]byte("\xd2\xe5\xec\xef\xe5\xf0\xe0\xf2\xf3\xf0\xe0: 23.5\r\n"), at); result != noFinding || !u.reads() {
			t.Fatalf("result %d", result)
		}
	}
}

// The search with a known rate ends when the board falls silent.
func TestBaudSearch_EndsInSilence(t *testing.T) {
	u := baudSearch{tunable: true, rates: AllRates}
	at := time.Unix(0, 0)
	u.opened(115200, at)
	for u.mode == reading {
		at = at.Add(time.Second)
		u.hear(make([]byte, 20), at)
	}
	if u.rate == 115200 || !u.trying() {
		t.Errorf("%d baud in a search", u.rate)
	}
	u.quiet(at.Add(unheard))
	if u.rate != 115200 || !u.reads() || u.trying() {
		t.Errorf("%d baud after it", u.rate)
	}
}

func BenchmarkBaudSearch(b *testing.B) {
	for name, chunk := range map[string][]byte{
		"line":    []byte("temperature=23.50,humidity=40.2\r\n"),
		"Firmata": bytes.Repeat([]byte("\xe0\x12\x03\xe1\x55\x07"), 6),
	} {
		b.Run(name, func(b *testing.B) {
			u, at := baudSearch{}, time.Unix(0, 0)
			u.opened(57600, at)
			b.SetBytes(int64(len(chunk)))
			for b.Loop() {
				at = at.Add(time.Second)
				u.hear(chunk, at)
			}
		})
	}
}

func FuzzBaudSearch(f *testing.F) {
	f.Add([]byte("t=23.5\r\n\x00\x00\x00\xff\xfe"), 0)
	f.Add([]byte("\xf9\x02\x05\xf0\x79"), 9600)
	f.Fuzz(func(t *testing.T, data []byte, wanted int) {
		u := baudSearch{tunable: true, rates: AllRates}
		at := time.Unix(0, 0)
		u.opened(wanted, at)
		for i := range 1000 {
			at = at.Add(200 * time.Millisecond)
			u.hear(data[i%(len(data)+1):], at)
			u.quiet(at)
			if u.rate == 0 || len(u.tried) > len(usualRates)+1 || u.heard.bytes > 2*fadeFrom+2*len(data) {
				t.Fatalf("%+v", u)
			}
		}
	})
}

// tunedPort is a board with a rate of its own.
type tunedPort struct {
	*fakePort
	board, rate int
	changes     int
}

func (p *tunedPort) SetBaud(baud int) error {
	p.rate = baud
	p.changes++
	return nil
}

func (p *tunedPort) Read(b []byte) (int, error) {
	n, err := p.fakePort.Read(b)
	if n > 0 {
		n = copy(b, readAt(string(b[:n]), p.board, p.rate))
	}
	return n, err
}

// tunedTo returns a Port to a board at one rate, configured for another.
func tunedTo(h Handler, board, wanted int) (*Port, *tunedPort, *logtest.Log) {
	raw := &tunedPort{fakePort: newFakePort(), board: board}
	p := fakes(h, func() (rawPort, error) { return raw, nil })
	p.options.Baud = wanted
	inner := p.open
	p.open = func(ctx context.Context, port string, baud int) (rawPort, error) {
		raw.rate = baud
		return inner(ctx, port, baud)
	}
	var log logtest.Log
	p.log = slog.New(slog.NewTextHandler(&log, nil))
	return p, raw, &log
}

// A board that prints every ten minutes loses one line for each rate that is
// tried. The line that ends the search is read.
func TestPort_ReadsTheLineThatEndsTheSearch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := newRecorder(t)
		p, raw, log := tunedTo(seen, 9600, 0)
		running := start(t, p)
		seen.expect("opened", "ready")
		time.Sleep(10 * time.Minute)
		raw.input <- []byte("temperature=23.50\r\n")
		time.Sleep(time.Second)
		waiting := make(chan error, 1)
		go func() { waiting <- p.send(t.Context(), []byte("led=on\n")) }()
		time.Sleep(10 * time.Minute)
		select {
		case err := <-waiting:
			t.Errorf("a command went out at a rate that is only tried: %v", err)
		default:
		}
		raw.input <- []byte("temperature=23.51\r\n")
		seen.expect("line temperature=23.51")
		must(t, <-waiting)
		running.stop()
		seen.expect("closed")
		if log.Count("board sends text at 9600 baud") != 1 {
			t.Errorf("%d warnings, log:\n%s", log.Count("level=WARN"), log.String())
		}
	})
}

// A wrong rate is logged once, however often the port comes and goes.
func TestPort_LogsAWrongRateOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := newRecorder(t)
		p, raw, log := tunedTo(seen, 9600, 115200)
		running := start(t, p)
		for n := range 3600 {
			raw.input <- fmt.Appendf(nil, "n=%d,temperature=23.50\r\n", n)
			time.Sleep(time.Second)
		}
		synctest.Wait()
		running.stop()
		seen.expect("opened", "ready", "closed")
		if log.Count("level=WARN") != log.Count("text found at 9600 baud, not 115200") || log.Count("level=WARN") != 1 {
			t.Errorf("%d warnings, log:\n%s", log.Count("level=WARN"), log.String())
		}
	})
}

// A binary protocol is logged once, and no byte of it becomes a line.
func TestPort_LogsABinaryBoardOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := newRecorder(t)
		p, raw, log := tunedTo(seen, 57600, 57600)
		running := start(t, p)
		random := rand.New(rand.NewPCG(1, 2))
		lines := uint64(0)
		for n := range 36000 {
			raw.input <- []byte(talkers["Firmata"](random) + "\n")
			time.Sleep(100 * time.Millisecond)
			if n == 300 {
				lines = p.Stats().Lines
			}
		}
		synctest.Wait()
		if got := p.Stats().Lines; got > lines+100 {
			t.Errorf("%d lines after %d", got, lines)
		}
		running.stop()
		if n := log.Count("board sends Firmata (binary)"); n != 1 || n != log.Count("level=WARN") {
			t.Errorf("%d warnings, log:\n%s", log.Count("level=WARN"), log.String())
		}
		if raw.changes > 200 {
			t.Errorf("the rate was changed %d times in an hour", raw.changes)
		}
	})
}

// The USB of a native board has no rate, and 1200 baud would start its
// bootloader.
func TestPort_TriesNoRateOnNativeUSB(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := newRecorder(t)
		p, raw, log := tunedTo(seen, FirstBaud, 0)
		running := start(t, at(Place{Chip: NativeUSB}, p))
		random := rand.New(rand.NewPCG(1, 2))
		for range 1000 {
			raw.input <- []byte(talkers["MIDI"](random) + "\n")
			time.Sleep(100 * time.Millisecond)
		}
		for range 10 {
			raw.input <- []byte("temperature=23.50,humidity=40\n")
			time.Sleep(time.Second)
		}
		seen.expect("opened", "ready", "line temperature=23.50,humidity=40")
		running.stop()
		if raw.changes > 0 || raw.rate != FirstBaud {
			t.Errorf("the rate was changed %d times, to %d", raw.changes, raw.rate)
		}
		if log.Count("board sends no text;", "upload a sketch") != 1 || log.Count("server") > 0 {
			t.Error(log.String())
		}
	})
}
