package serialbridge

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"arduino-gateway/internal/logtest"
	"arduino-gateway/internal/ser2nettest"
	"arduino-gateway/simulator/avr"
)

// talkerAt starts firmware that prints a line ten times a second at a rate.
func talkerAt(t *testing.T, rate int) *avr.Uno {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	sketch := filepath.Join(t.TempDir(), "talker.ino")
	must(t, os.WriteFile(sketch, fmt.Appendf(nil, `
void setup() { Serial.begin(%d); }
void loop() {
	Serial.print("temperature=23.50,humidity=");
	Serial.println(analogRead(A0));
	delay(100);
}
`, rate), 0o600))
	hex, err := avr.Compile(ctx, sketch)
	must(t, err)
	uno, err := avr.Start(ctx, avr.Options{Hex: hex, Link: filepath.Join(t.TempDir(), "uno")})
	must(t, err)
	t.Cleanup(func() { uno.Close() })
	return uno
}

const unoLine = "line temperature=23.50,humidity=0"

// unoPort returns a Port to a simulated Uno, and its log.
func unoPort(t *testing.T, uno *avr.Uno, baud int, h Handler) (*Port, *logtest.Log) {
	log := new(logtest.Log)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("log:\n%s", log.String())
		}
	})
	return New(Options{Device: "uno", Port: uno.Port(), Baud: baud}, h, slog.New(slog.NewTextHandler(log, nil))), log
}

// Real firmware, and the real garbage of a wrong rate.
func TestBaudSearch_FindsTheRateOfAnUno(t *testing.T) {
	for _, rate := range []int{9600, 57600, 250000} {
		t.Run(fmt.Sprint(rate), func(t *testing.T) {
			t.Parallel()
			seen := newRecorder(t)
			port, log := unoPort(t, talkerAt(t, rate), 0, seen)
			p := start(t, port)
			seen.expect("opened")
			seen.expect("ready", unoLine)
			if log.Count(fmt.Sprintf("board sends text at %d baud", rate)) != 1 {
				t.Error("the log does not name the rate")
			}
			if got := port.Stats(); got.Baud != rate || got.Problem != "" {
				t.Errorf("%+v", got)
			}
			p.stop()
		})
	}
}

// A real ser2net sets the rates that the search tries.
func TestBaudSearch_WorksThroughAServer(t *testing.T) {
	seen := newRecorder(t)
	server := ser2nettest.Start(t, ser2nettest.RFC2217, talkerAt(t, 19200).Port())
	port := remotePort(t, "rfc2217://"+server.Addr(), seen)
	port.options.Baud = 0
	p := start(t, port)
	seen.expect("opened", "ready", unoLine)
	p.stop()
}

// With a wrong fixed rate the log names the right one.
func TestBaudSearch_NamesTheRateOfAnUno(t *testing.T) {
	for _, c := range []struct{ rate, wanted int }{{9600, 115200}, {38400, 115200}, {115200, 9600}} {
		t.Run(fmt.Sprint(c.rate, " not ", c.wanted), func(t *testing.T) {
			t.Parallel()
			seen := newRecorder(t)
			port, log := unoPort(t, talkerAt(t, c.rate), c.wanted, seen)
			start(t, port)
			log.Await(t, fmt.Sprintf("text found at %d baud, not %d", c.rate, c.wanted))
			if want := fmt.Sprintf("text found at %d baud, not %d (hint: set baud: %d, or baud: auto)", c.rate, c.wanted, c.rate); port.Stats().Problem != want {
				t.Errorf("problem %q, want %q", port.Stats().Problem, want)
			}
		})
	}
}
