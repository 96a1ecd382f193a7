package sketches

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"arduino-gateway/device"
	"arduino-gateway/internal/lineformat"
	"arduino-gateway/serialbridge"
	"arduino-gateway/simulator/avr"
)

var update = flag.Bool("update", false, "rewrite testdata and docs/sketches.md")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	// patience bounds what may take long on a busy machine; the test never waits
	// that long.
	patience = 60 * time.Second

	// boot is the shortest time of a bootloader. After such a silence the
	// gateway knows that the next byte begins a line.
	boot = 1300 * time.Millisecond
)

// slots bound the boards that run at the same time.
var slots = make(chan struct{}, 4)

// took is a line and what the parser made of it.
type took struct {
	sent     string // to the board, before the line
	line     string
	readings []device.Reading
	err      error
}

func TestSketches(t *testing.T) {
	examples, err := avr.Examples(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	results := make(map[string]*[]took)
	t.Run("run", func(t *testing.T) {
		run := func(folder, name string, s sketch) {
			of := new([]took)
			results[name] = of
			t.Run(filepath.Base(name), func(t *testing.T) {
				t.Parallel()
				slots <- struct{}{}
				defer func() { <-slots }()
				*of = play(t, folder, s)
				compare(t, filepath.Join("testdata", filepath.Base(name)+".txt"), golden(name, *of))
			})
		}
		for name, s := range sketches {
			run(filepath.Join(examples, name), name, s)
		}
		for name, s := range shapes {
			run(name, name, s)
		}
	})
	if t.Failed() {
		return
	}
	compare(t, "../../docs/sketches.md", table(t, examples, results))
}

// compare compares text with a file, or with -update writes it.
func compare(t *testing.T, file, text string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("%s (written by go test -update)\n got %s\nwant %s", file, text, want)
	}
}

// play runs a sketch and returns its lines.
func play(t *testing.T, folder string, s sketch) (lines []took) {
	uno, baud := start(t, folder, s)
	port := &board{lines: make(chan string, 1000), path: uno.Port()}
	bridge := serialbridge.New(serialbridge.Options{Port: uno.Port(), Baud: baud, Finder: port}, port, nil)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	done := make(chan error)
	go func() { done <- bridge.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	parser := lineformat.NewParser(lineformat.Options{})
	sent := ""
	for {
		for _, step := range s.steps {
			if step.after == len(lines) && sent == "" {
				sent = step.do(t, ctx, uno, bridge)
			}
		}
		if len(lines) == s.lines {
			return lines
		}
		line, err := port.next(ctx, lines)
		if err != nil {
			t.Fatalf("after %d lines: %v", len(lines), err)
		}
		lines = append(lines, read(parser, sent, line, len(lines)+1 == s.timed))
		sent = ""
	}
}

var serialBegin = regexp.MustCompile(`Serial\.begin\((\d+)\)`)

// start compiles and starts a sketch, and returns its baud rate.
func start(t *testing.T, folder string, s sketch) (uno *avr.Uno, baud int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	file := filepath.Join(folder, filepath.Base(folder)+".ino")
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	baud, _ = strconv.Atoi(string(serialBegin.FindSubmatch(source)[1]))
	hex, err := avr.Compile(ctx, file)
	if err != nil {
		t.Fatal(err)
	}
	if uno, err = avr.Start(ctx, avr.Options{Hex: hex, Boot: boot, Parts: s.parts}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := uno.Close(); err != nil {
			t.Error(err)
		}
	})
	for channel, mv := range millivolts {
		if err := uno.SetADC(ctx, channel, mv); err != nil {
			t.Fatal(err)
		}
	}
	for _, pin := range s.pins {
		if err := uno.SetPin(ctx, pin, true); err != nil {
			t.Fatal(err)
		}
	}
	return uno, baud
}

// do takes the step, and returns what it sent.
func (s step) do(t *testing.T, ctx context.Context, uno *avr.Uno, bridge *serialbridge.Port) (sent string) {
	t.Helper()
	if s.write != "" {
		if _, err := bridge.Write(ctx, []byte(s.write)); err != nil {
			t.Fatal(err)
		}
		return s.write
	}
	to, pin, _ := strings.Cut(s.pin, " ")
	if err := uno.SetPin(ctx, pin, to == "up"); err != nil {
		t.Fatal(err)
	}
	return s.pin
}

var digits = regexp.MustCompile(`\d+`)

// read parses a line. It replaces what depends on the time.
func read(parser *lineformat.Parser, sent, line string, timed bool) took {
	if timed {
		line = digits.ReplaceAllString(line, "1234")
	}
	readings, err := parser.Parse([]byte(line))
	return took{sent, line, append([]device.Reading(nil), readings...), err}
}

// board is the Finder and the Handler of a port: an Uno whose chip resets it.
type board struct {
	serialbridge.NopHandler
	lines chan string
	path  string
}

func (b *board) Find() (serialbridge.Place, error) {
	return serialbridge.Place{Path: b.path, Chip: serialbridge.AutoReset}, nil
}
func (b *board) Changed() <-chan struct{} { return nil }
func (b *board) Release()                 {}

func (b *board) Line(_ time.Time, line []byte) {
	select {
	case b.lines <- string(line):
	default: // the test has enough lines
	}
}

// next returns the next line that differs from the last one.
func (b *board) next(ctx context.Context, before []took) (string, error) {
	for {
		select {
		case line := <-b.lines:
			if len(before) == 0 || before[len(before)-1].line != line {
				return line, nil
			}
		case <-ctx.Done():
			return "", fmt.Errorf("no more: %w", ctx.Err())
		}
	}
}
