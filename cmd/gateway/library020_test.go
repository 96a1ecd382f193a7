//go:build linux

package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"arduino-gateway/simulator/avr"
)

// slow is a sketch for the library 0.2.0, with its names. Its first command takes longer
// than the gateway waits before it repeats one.
const slow = `#include <SerialGateway.h>
SerialGateway gateway(Serial);
unsigned ran = 0;
unsigned long sum = 0;

void add(int value) {
  sum = sum * 31 + value;  // so that their order counts too
  if (++ran == 1) delay(1500);
}

void setLed(bool) { gateway.refuse(F("the door is open")); }

void setup() {
  Serial.begin(115200);
  gateway.id(F("slow"));
  gateway.reading(F("ran"));
  gateway.reading(F("sum"));
  gateway.on(F("add 1..9999"), add);
  gateway.on(F("led"), setLed);
}

void loop() {
  gateway.begin();
  gateway.add(F("ran"), ran);
  gateway.add(F("sum"), sum);
  gateway.end();
  gateway.wait(100);
}
`

// The gateway reads and commands a board with the library 0.2.0, whose sources are kept in
// testdata: each command runs once, also one that the gateway repeats.
func TestFirmware_RunsLibrary020(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	library := filepath.Join(repository(t), "firmware", "arduino", "extras", "testdata", "SerialGateway-0.2.0")
	uno := r.uno(r.sketch("slow", slow), library)
	r.start(fmt.Sprintf("  slow: {port: %s}\n", uno.Port()))
	r.log.Await(t, "the board described itself board=slow library=0.2.0 readings=2 commands=2")
	r.await("devices/slow/ran", ending("0"))

	before := bytesReceived(t, uno)
	r.publish("devices/slow/set/add", "1")
	r.await("devices/slow/result/add", some(1))
	if line := "#1 add=1 ~0000\n"; bytesReceived(t, uno)-before < 2*len(line) {
		t.Error("the gateway did not repeat the slow command")
	}
	for i := 2; i <= 5; i++ {
		r.publish("devices/slow/set/add", fmt.Sprint(i))
	}
	for _, result := range r.await("devices/slow/result/add", some(5)) {
		if !strings.HasPrefix(result, `{"status":"done",`) {
			t.Error(result)
		}
	}
	r.await("devices/slow/sum", ending("986115")) // 1 to 5, each once and in order
	r.await("devices/slow/ran", ending("5"))

	r.publish("devices/slow/set/led", "on")
	if result := r.await("devices/slow/result/led", some(1))[0]; !strings.Contains(result, `"error":"the door is open"`) {
		t.Error(result)
	}
	r.publish("devices/slow/set/add", "0")
	if result := r.await("devices/slow/result/add", some(6))[5]; !strings.HasPrefix(result, `{"status":"rejected",`) {
		t.Error(result)
	}
}

// bytesReceived returns the number of bytes that a board has received.
func bytesReceived(t *testing.T, uno *avr.Uno) int {
	t.Helper()
	stats, err := uno.Stats(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	return stats.Received
}
