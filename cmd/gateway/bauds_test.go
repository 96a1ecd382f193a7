//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// TestBaudAuto_IsKnownAfterARestart runs real firmware at 9600 baud. The first start
// searches its rate; after a restart the port is opened at it at once, and the first
// lines of the sketch are read.
func TestBaudAuto_IsKnownAfterARestart(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	sketch := filepath.Join(r.dir, "counter.ino")
	const text = "int n; void setup() { Serial.begin(9600); }\nvoid loop() { Serial.print(\"n=\"); Serial.println(n++); delay(1500); }\n"
	if err := os.WriteFile(sketch, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	uno := r.uno(sketch)
	device := fmt.Sprintf("  counter: {port: %q, baud: auto, reset_on_open: true}\n", uno.Port())
	stop := r.start(device)
	r.log.Await(t, "counter: board sends text at 9600 baud")
	r.await("devices/counter/n", some(1))
	stop()
	before := r.heard.count("devices/counter/n")
	r.start(device)
	if got := r.await("devices/counter/n", some(before+1))[before]; got > "1" {
		t.Errorf("the first reading after the restart is n=%s", got)
	}
	if n := r.log.Count("board sends text at"); n != 1 {
		t.Errorf("%d searches", n)
	}
}
