package avr_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"arduino-gateway/simulator/avr"
)

// echoSketch prints ready, echoes every byte, copies D2 to D13, and sets D9.
const echoSketch = `
void setup() {
  Serial.begin(115200);
  pinMode(2, INPUT_PULLUP);
  pinMode(13, OUTPUT);
  analogWrite(9, 64);
  Serial.println("ready");
}
void loop() {
  if (Serial.available()) Serial.write(Serial.read());
  digitalWrite(13, digitalRead(2));
}
`

func TestUno_IsUnpluggedAndReplugged(t *testing.T) {
	t.Parallel()
	o := avr.Options{Hex: compileText(t, echoSketch), Link: filepath.Join(t.TempDir(), "ttyACM0")}
	uno := start(t, o)
	port := open(t, uno.Port(), 115200)
	port.wait("ready")
	if err := uno.Unplug(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(port.port); err != nil {
		t.Errorf("the end of the input: %v", err)
	}
	if _, err := port.port.WriteString("x"); !errors.Is(err, syscall.EIO) {
		t.Errorf("writing to an unplugged port: %v", err)
	}
	if _, err := os.Lstat(o.Link); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the link is still there: %v", err)
	}
	if _, err := uno.Pin(testContext(t), "D13"); !errors.Is(err, avr.ErrGone) {
		t.Errorf("asking it then: %v", err)
	}
	port = open(t, start(t, o).Port(), 115200)
	port.wait("ready")
}

func TestUno_CountsResets(t *testing.T) {
	t.Parallel()
	uno := start(t, avr.Options{Hex: compileText(t, echoSketch)})
	port := open(t, uno.Port(), 115200) // resets the board
	port.wait("ready")
	if err := uno.Reset(testContext(t)); err != nil {
		t.Fatal(err)
	}
	port.wait("ready")
	stats, err := uno.Stats(testContext(t))
	if err != nil || stats.Resets != 2 || stats.Sent == 0 || stats.Baud == 0 {
		t.Errorf("got %+v, %v", stats, err)
	}
}

func TestUno_DrivesPins(t *testing.T) {
	t.Parallel()
	ctx := testContext(t)
	uno := start(t, avr.Options{Hex: compileText(t, echoSketch)})
	for _, level := range []avr.Level{avr.High, avr.Low, avr.High} {
		if err := uno.SetPin(ctx, "D2", level == avr.High); err != nil {
			t.Fatal(err)
		}
		if err := uno.WaitPin(ctx, "PB5", level); err != nil {
			t.Fatal(err)
		}
	}
	if level, err := uno.Pin(ctx, "D13"); level != avr.High || err != nil {
		t.Errorf("D13 is %v, %v", level, err)
	}
	if level, err := uno.Pin(ctx, "D7"); level != avr.Input || err != nil {
		t.Errorf("D7 is %v, %v", level, err)
	}
	if duty, err := uno.Duty(ctx, "D9"); duty != (avr.Duty{Value: 64, Top: 255}) || err != nil {
		t.Errorf("D9 has %+v, %v", duty, err)
	}
	if duty, err := uno.Duty(ctx, "D13"); duty.Fraction() != 1 || err != nil {
		t.Errorf("D13 has %+v, %v", duty, err)
	}
	if value, err := uno.Peek(ctx, 0x88); value != 64 || err != nil { // OCR1AL
		t.Errorf("OCR1A is %d, %v", value, err)
	}
}

// It counts pulses that are too short for WaitPin.
func TestUno_CountsChanges(t *testing.T) {
	t.Parallel()
	ctx := testContext(t)
	uno := start(t, avr.Options{Hex: compileText(t, `void setup() {
	pinMode(13, OUTPUT);
	for (int i = 0; i < 1000; i++) { PORTB |= _BV(5); PORTB &= ~_BV(5); }
	digitalWrite(13, HIGH);
}
void loop() {}
`)})
	if err := uno.WaitPin(ctx, "D13", avr.High); err != nil {
		t.Fatal(err)
	}
	if err := uno.WaitChanges(ctx, "D13", 2001); err != nil {
		t.Error(err)
	}
	if n, err := uno.Changes(ctx, "PB5"); n != 2001 || err != nil {
		t.Errorf("it changed %d times, %v", n, err)
	}
	if n, err := uno.Changes(ctx, "D7"); n != 0 || err != nil {
		t.Errorf("D7 changed %d times, %v", n, err)
	}
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if err := uno.WaitChanges(short, "D13", 2002); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the wait ended with %v", err)
	}
}

func TestUno_RefusesWrongArguments(t *testing.T) {
	t.Parallel()
	ctx := testContext(t)
	uno := start(t, avr.Options{Hex: compileText(t, echoSketch)})
	_, noPin := uno.Pin(ctx, "D14")
	_, noAddress := uno.Peek(ctx, 0xffff)
	for what, err := range map[string]error{
		"a pin that is not there":      noPin,
		"an address that is not there": noAddress,
		"a channel that is not there":  uno.SetADC(ctx, 9, 1000),
		"a part that is not there":     uno.SetPart(ctx, 0, 1, 2),
		"waiting for no pin":           uno.WaitPin(ctx, "D99", avr.High),
		"driving no pin":               uno.SetPin(ctx, "Z9", true),
	} {
		if err == nil {
			t.Errorf("%s: no error", what)
		}
	}
	short, cancel := context.WithCancel(ctx)
	cancel()
	if err := uno.WaitPin(short, "D13", avr.Input); !errors.Is(err, context.Canceled) {
		t.Errorf("the wait ended with %v", err)
	}
	if err := uno.WaitDuty(short, "D9", avr.Duty{}); !errors.Is(err, context.Canceled) {
		t.Errorf("the wait ended with %v", err)
	}
	if level, err := uno.Pin(ctx, "D7"); level != avr.Input || err != nil {
		t.Errorf("an abandoned answer came to the next question: %v, %v", level, err)
	}
}

// Bytes wait while the board stands still.
func TestUno_Hangs(t *testing.T) {
	t.Parallel()
	ctx := testContext(t)
	uno := start(t, avr.Options{Hex: compileText(t, echoSketch)})
	port := open(t, uno.Port(), 115200)
	port.wait("ready")
	if err := uno.Hang(ctx, true); err != nil {
		t.Fatal(err)
	}
	port.write("hello\n")
	before, err := uno.Stats(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if after, err := uno.Stats(ctx); err != nil || after.Simulated != before.Simulated {
		t.Errorf("time went from %v to %v, %v", before.Simulated, after.Simulated, err)
	}
	if err := uno.Hang(ctx, false); err != nil {
		t.Fatal(err)
	}
	port.wait("hello")
}

// The bytes are garbage in both directions, but as many as sent.
func TestUno_SendsGarbageAtAWrongBaud(t *testing.T) {
	t.Parallel()
	uno := start(t, avr.Options{Hex: compileText(t, "void setup() { Serial.begin(9600); }\nvoid loop() { Serial.println(\"hello\"); delay(10); }\n")})
	port := open(t, uno.Port(), 19200)
	heard := make([]byte, 200)
	if _, err := io.ReadFull(port.port, heard); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(heard, []byte("hello")) {
		t.Errorf("at 19200 baud came %q", heard)
	}
}

// A host that opens the port and sets the rate late loses nothing.
func TestUno_WaitsForALateBaud(t *testing.T) {
	t.Parallel()
	uno := start(t, avr.Options{Hex: compileText(t, echoSketch)})
	early, err := os.OpenFile(uno.Port(), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer early.Close()
	wall := func() time.Duration {
		stats, err := uno.Stats(testContext(t))
		if err != nil {
			t.Fatal(err)
		}
		return stats.Wall
	}
	for begin := wall(); wall() < begin+300*time.Millisecond; { // the boot takes 50 ms
	}
	if got := open(t, uno.Port(), 115200).line(); got != "ready" {
		t.Errorf("first comes %q", got)
	}
}

func TestUno_AcceptsAnyBaud(t *testing.T) {
	t.Parallel()
	uno := start(t, avr.Options{Hex: compileText(t, echoSketch), AnyBaud: true})
	open(t, uno.Port(), 9600).wait("ready")
}

// The bootloader drops what comes before the sketch runs.
func TestUno_Boots(t *testing.T) {
	t.Parallel()
	uno := start(t, avr.Options{Hex: compileText(t, echoSketch), Boot: time.Second})
	port := open(t, uno.Port(), 115200)
	for stats := (avr.Stats{}); stats.Resets == 0; {
		var err error
		if stats, err = uno.Stats(testContext(t)); err != nil {
			t.Fatal(err)
		}
	}
	port.write("too early\n")
	port.wait("ready")
	port.write("in time\n")
	if got := port.line(); got != "in time" {
		t.Errorf("it echoes %q", got)
	}
}

// 63 bytes wait in the buffer of the board while its loop is busy, as on
// hardware.
func TestUno_Keeps63BytesOfABurst(t *testing.T) {
	t.Parallel()
	sketch := strings.Replace(echoSketch, `Serial.println("ready");`, `Serial.println("ready"); delay(500);`, 1)
	uno := start(t, avr.Options{Hex: compileText(t, sketch)})
	port := open(t, uno.Port(), 115200)
	port.wait("ready")
	port.write(strings.Repeat("x", 200))
	for stats := (avr.Stats{}); stats.Received < 200; {
		var err error
		if stats, err = uno.Stats(testContext(t)); err != nil {
			t.Fatal(err)
		}
	}
	for stats := (avr.Stats{}); stats.Sent < len("ready\r\n")+63; {
		var err error
		if stats, err = uno.Stats(testContext(t)); err != nil {
			t.Fatal(err)
		}
	}
	port.write("\n")
	if got := len(port.line()); got != 63 {
		t.Errorf("%d bytes survive", got)
	}
}

func TestStart_Fails(t *testing.T) {
	t.Parallel()
	hex := filepath.Join(t.TempDir(), "x.hex")
	if err := os.WriteFile(hex, []byte(":10000000nonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	taken := filepath.Join(t.TempDir(), "taken")
	if err := os.WriteFile(taken, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	good := compileText(t, echoSketch)
	for what, o := range map[string]avr.Options{
		"no such file":  {Hex: hex + "x"},
		"cannot load":   {Hex: hex},
		"taken":         {Hex: good, Link: taken},
		"there is no p": {Hex: good, Parts: []string{"toaster:D2:1"}},
	} {
		if uno, err := avr.Start(testContext(t), o); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: got %v", what, err)
			if uno != nil {
				uno.Close()
			}
		}
	}
	if data, err := os.ReadFile(taken); string(data) != "mine" {
		t.Errorf("the file where the link should be is %q, %v", data, err)
	}
}

// All that wait for the Uno get an error.
func TestUno_WaitsEndWhenKilled(t *testing.T) {
	t.Parallel()
	link := filepath.Join(t.TempDir(), "uno")
	uno := start(t, avr.Options{Hex: compileText(t, echoSketch), Link: link})
	waited := make(chan error, 1)
	go func() { waited <- uno.WaitPin(testContext(t), "D13", avr.Input) }()
	if err := uno.Close(); err != nil {
		t.Error(err)
	}
	if err := <-waited; err == nil {
		t.Error("it is gone, but a pin came")
	}
	<-uno.Done()
	if _, err := avr.OpenPort(uno.Port(), 115200); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("opening its port then: %v", err)
	}
}

func TestOpenPort_ReportsErrors(t *testing.T) {
	t.Parallel()
	for path, baud := range map[string]int{"/dev/null": 115200, "/nowhere": 9600, "/dev/tty": 12345} {
		if f, err := avr.OpenPort(path, baud); err == nil {
			t.Errorf("%s at %d opens", path, baud)
			f.Close()
		}
	}
}
