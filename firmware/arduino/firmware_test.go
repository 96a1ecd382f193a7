// Package firmware_test tests the Arduino library: its logic on this machine,
// its examples with the real core, and those on a simulated Uno.
package firmware_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"arduino-gateway/simulator/avr"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds what may take long on a busy machine; nothing waits for it.
const patience = 50 * time.Second

func testContext(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// library is this folder.
const library = "."

// TestOnHost runs the C++ tests, with the sanitizers on.
func TestOnHost(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(testContext(t), "make", "-j2", "-C", "test", "BUILD="+t.TempDir())
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("make: %v (hint: it needs make and g++)\n%s", err, out)
	}
	tests, err := filepath.Glob("test/test_*.cpp")
	if err != nil || len(tests) == 0 {
		t.Fatalf("no tests in test: %v", err)
	}
	if ran := strings.Count(string(out), "\nok: "); ran != len(tests) {
		t.Errorf("%d of %d test programs ran:\n%s", ran, len(tests), out)
	}
}

func compile(t *testing.T, sketch string) avr.Firmware {
	t.Helper()
	firmware, err := avr.CompileReport(testContext(t), sketch, library)
	if err != nil {
		t.Fatal(err)
	}
	return firmware
}

// TestExamplesCompile compiles every example with the real core and all of
// the compiler's warnings.
func TestExamplesCompile(t *testing.T) {
	t.Parallel()
	sketches, err := filepath.Glob("examples/*/*.ino")
	if err != nil || len(sketches) < 2 {
		t.Fatalf("found the examples %q: %v", sketches, err)
	}
	for _, sketch := range sketches {
		firmware := compile(t, sketch)
		if firmware.Warnings != "" {
			t.Errorf("%s: the compiler warns:\n%s", sketch, firmware.Warnings)
		}
		t.Logf("%s: %d bytes of flash, %d of RAM", sketch, firmware.Flash, firmware.RAM)
	}
}

// plainSketch does what the example Minimal does, by hand and up only.
const plainSketch = `
void setup() { Serial.begin(115200); pinMode(LED_BUILTIN, OUTPUT); }
void loop() { Serial.print("light="); Serial.println(analogRead(A0)); delay(1000); }
`

// The README promises these.
const (
	maxRAM   = 280
	maxFlash = 2100
)

// TestFootprint measures what the library adds to a sketch.
func TestFootprint(t *testing.T) {
	t.Parallel()
	sketch := filepath.Join(t.TempDir(), "plain.ino")
	if err := os.WriteFile(sketch, []byte(plainSketch), 0o600); err != nil {
		t.Fatal(err)
	}
	plain, with := compile(t, sketch), compile(t, "examples/Minimal/Minimal.ino")
	flash, ram := with.Flash-plain.Flash, with.RAM-plain.RAM
	t.Logf("the library adds %d bytes of flash and %d of RAM", flash, ram)
	if flash > maxFlash || ram > maxRAM || plain.RAM == 0 {
		t.Errorf("it may add %d and %d", maxFlash, maxRAM)
	}
}

// plugIn runs an example on an Uno and opens its port, as the gateway does.
func plugIn(t *testing.T, sketch string) (*avr.Uno, *os.File) {
	t.Helper()
	uno, err := avr.Start(testContext(t), avr.Options{Hex: compile(t, sketch).Hex})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := uno.Close(); err != nil {
			t.Error(err)
		}
	})
	port, err := avr.OpenPort(uno.Port(), 115200)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { port.Close() })
	if err := port.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return uno, port
}

// waitLine reads up to a line that matches. After it, the board is up.
func waitLine(t *testing.T, port *os.File, pattern string) {
	t.Helper()
	want := regexp.MustCompile(pattern)
	lines := bufio.NewScanner(port)
	for lines.Scan() {
		if want.MatchString(lines.Text()) {
			return
		}
		t.Logf("passing over %q", lines.Text())
	}
	t.Fatalf("no line like %s: %v", pattern, lines.Err())
}

func write(t *testing.T, port *os.File, text string) {
	t.Helper()
	if _, err := port.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

func TestGreenhouse(t *testing.T) {
	t.Parallel()
	ctx := testContext(t)
	uno, port := plugIn(t, "examples/Greenhouse/Greenhouse.ino")
	for channel, millivolts := range []int{740, 2195, 2500} {
		if err := uno.SetADC(ctx, channel, millivolts); err != nil {
			t.Fatal(err)
		}
	}
	waitLine(t, port, `^temperature=23\.\d\d,humidity=40\.\d,light=511$`)

	write(t, port, "led=on\n")
	waitPin(t, uno, avr.High)
	write(t, port, "led=off\n")
	waitPin(t, uno, avr.Low)
	write(t, port, "pwm=128\n")
	waitDuty(t, uno, avr.Duty{Value: 128, Top: 255})
	if low, err := uno.Peek(ctx, ocr1a); err != nil || low != 128 {
		t.Errorf("OCR1A is %d, %v", low, err)
	}
}

// ocr1a is the address of the compare register of D9, its low byte.
const ocr1a = 0x88

// TestGreenhouseUnderLoad sends more than the board's buffers hold: a loop
// that waits as it should loses nothing.
func TestGreenhouseUnderLoad(t *testing.T) {
	t.Parallel()
	uno, port := plugIn(t, "examples/Greenhouse/Greenhouse.ino")
	waitLine(t, port, `^temperature=.*,light=\d+$`)
	write(t, port, strings.Repeat("nonsense\n", 3)+strings.Repeat("x", 200)+"\n")
	for i := range 100 {
		write(t, port, fmt.Sprintf("pwm=%d\r\n", i))
	}
	write(t, port, "pwm=999999\npwm=200\nled=on\n")
	waitPin(t, uno, avr.High)
	waitDuty(t, uno, avr.Duty{Value: 200, Top: 255})
	stats, err := uno.Stats(testContext(t))
	if err != nil || stats.Overrun != 0 {
		t.Errorf("%+v, %v", stats, err)
	}
}

func TestMinimal(t *testing.T) {
	t.Parallel()
	uno, port := plugIn(t, "examples/Minimal/Minimal.ino")
	waitLine(t, port, `^light=\d+$`)
	write(t, port, "led=on\n")
	waitPin(t, uno, avr.High)
}

func waitPin(t *testing.T, uno *avr.Uno, want avr.Level) {
	t.Helper()
	if err := uno.WaitPin(testContext(t), "D13", want); err != nil {
		t.Fatal(err)
	}
}

func waitDuty(t *testing.T, uno *avr.Uno, want avr.Duty) {
	t.Helper()
	if err := uno.WaitDuty(testContext(t), "D9", want); err != nil {
		t.Fatal(err)
	}
}
