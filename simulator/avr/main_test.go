package avr_test

import (
	"bufio"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"arduino-gateway/simulator/avr"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds what may take long on a busy machine; no test waits that long.
const patience = 20 * time.Second

func testContext(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// compileExample compiles one of the examples of the Arduino IDE.
func compileExample(t *testing.T, folder string) string {
	t.Helper()
	examples, err := avr.Examples(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	hex, err := avr.Compile(testContext(t), filepath.Join(examples, folder, filepath.Base(folder)+".ino"))
	if err != nil {
		t.Fatal(err)
	}
	return hex
}

// compileText compiles a sketch from the text in a test.
func compileText(t *testing.T, text string) string {
	t.Helper()
	sketch := filepath.Join(t.TempDir(), "sketch.ino")
	if err := os.WriteFile(sketch, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	hex, err := avr.Compile(testContext(t), sketch)
	if err != nil {
		t.Fatal(err)
	}
	return hex
}

// slots bound the boards that run at once: each takes a share of a core, and
// tests of other packages run some too.
var slots = make(chan struct{}, 3)

func start(t *testing.T, o avr.Options) *avr.Uno {
	t.Helper()
	slots <- struct{}{}
	t.Cleanup(func() { <-slots })
	uno, err := avr.Start(testContext(t), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := uno.Close(); err != nil {
			t.Error(err)
		}
	})
	return uno
}

// host is the other end of the cable.
type host struct {
	t     *testing.T
	port  *os.File
	lines *bufio.Scanner
}

func open(t *testing.T, path string, baud int) *host {
	t.Helper()
	port, err := avr.OpenPort(path, baud)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { port.Close() })
	if err := port.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return &host{t, port, bufio.NewScanner(port)}
}

func (h *host) line() string {
	h.t.Helper()
	if !h.lines.Scan() {
		h.t.Fatalf("no line: %v", h.lines.Err())
	}
	return h.lines.Text()
}

// wait skips the rest of a line that the reset cut off, until want.
func (h *host) wait(want string) {
	h.t.Helper()
	for line := h.line(); line != want; line = h.line() {
		h.t.Logf("passing over %q", line)
	}
}

func (h *host) write(text string) {
	h.t.Helper()
	if _, err := h.port.WriteString(text); err != nil {
		h.t.Fatal(err)
	}
}
