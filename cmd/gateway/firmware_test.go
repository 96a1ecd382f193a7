//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"arduino-gateway/simulator/avr"
)

// uno runs a sketch on a simulated Uno and returns it.
func (r *rig) uno(sketch string, libraries ...string) *avr.Uno {
	r.t.Helper()
	return r.unoAt(sketch, strings.TrimSuffix(filepath.Base(sketch), ".ino"), libraries...)
}

// unoAt is uno with a name for its port.
func (r *rig) unoAt(sketch, name string, libraries ...string) *avr.Uno {
	r.t.Helper()
	ctx := testContext(r.t)
	hex, err := avr.Compile(ctx, sketch, libraries...)
	if err != nil {
		r.t.Fatal(err)
	}
	uno, err := avr.Start(ctx, avr.Options{Hex: hex, Link: filepath.Join(r.dir, name)})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = uno.Close() })
	return uno
}

func (r *rig) waitPin(uno *avr.Uno, pin string, level avr.Level) {
	r.t.Helper()
	if err := uno.WaitPin(testContext(r.t), pin, level); err != nil {
		r.t.Fatal(err)
	}
}

// TestFirmware_ReadingsAndCommands takes the library's example from the board to a
// subscriber, and commands back. All of it is real except the chip.
func TestFirmware_ReadingsAndCommands(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	library := filepath.Join(repository(t), "firmware", "arduino")
	uno := r.uno(filepath.Join(library, "examples", "Greenhouse", "Greenhouse.ino"), library)
	if err := uno.SetADC(testContext(t), 0, 720); err != nil {
		t.Fatal(err)
	}
	stop := r.start(fmt.Sprintf(`  greenhouse:
    port: %s
`, uno.Port()))

	r.await("devices/greenhouse/status", ending("online"))
	temperatures := r.await("devices/greenhouse/temperature", some(2))
	if got := temperatures[1]; !regexp.MustCompile(`^2[12]\.\d\d$`).MatchString(got) {
		t.Errorf("temperature %q at 720 mV, want about 22.00", got)
	}
	r.await("devices/greenhouse/humidity", some(1))
	r.await("devices/greenhouse/light", some(1))

	r.publish("devices/greenhouse/set/led", "on")
	r.waitPin(uno, "D13", avr.High)
	result := r.await("devices/greenhouse/result/led", some(1))[0]
	if !strings.HasPrefix(result, `{"status":"done","value":"on","line":"led=on","took_ms":`) {
		t.Errorf("result %s", result)
	}
	r.publish("devices/greenhouse/set/pwm", "128")
	if err := uno.WaitDuty(testContext(t), "D9", avr.Duty{Value: 128, Top: 255}); err != nil {
		t.Error(err)
	}
	r.publish("devices/greenhouse/set/led", "off")
	r.waitPin(uno, "D13", avr.Low)

	stop()
	r.await("devices/greenhouse/status", ending("offline"))
	r.await("devices/gateway/rig/status", ending("offline"))
}

// TestFirmware_BaudAuto runs a sketch at 9600 baud that the gateway has to find out.
func TestFirmware_BaudAuto(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	examples, err := avr.Examples(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	uno := r.uno(filepath.Join(examples, "01.Basics", "AnalogReadSerial", "AnalogReadSerial.ino"))
	if err := uno.SetADC(testContext(t), 0, 2500); err != nil {
		t.Fatal(err)
	}
	r.start(fmt.Sprintf("  uno: {port: %s, baud: auto}\n", uno.Port()))
	for _, value := range r.await("devices/uno/value", some(10)) {
		if value != "511" {
			t.Errorf("value %q", value)
		}
	}
}

// TestFirmware_ArduinoExamples runs four sketches of the Arduino IDE, unchanged.
func TestFirmware_ArduinoExamples(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	examples, err := avr.Examples(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	example := func(group, name string) *avr.Uno {
		return r.uno(filepath.Join(examples, group, name, name+".ino"))
	}
	graph := example("04.Communication", "Graph")
	mixer := example("04.Communication", "VirtualColorMixer")
	reader := example("04.Communication", "ReadASCIIString")
	pixel := example("04.Communication", "PhysicalPixel")
	for channel, millivolts := range []int{1000, 2000, 3000} {
		if err := mixer.SetADC(testContext(t), channel, millivolts); err != nil {
			t.Fatal(err)
		}
	}
	if err := graph.SetADC(testContext(t), 0, 2500); err != nil {
		t.Fatal(err)
	}
	r.start(fmt.Sprintf(`  graph: {port: %s, baud: 9600}
  mixer: {port: %s, baud: 9600, columns: [red, green, blue]}
  reader: {port: %s, baud: 9600, format: text, commands: {colour: {type: text, write: "{value}"}}}
  pixel: {port: %s, baud: 9600, line_ending: none, commands: {led: {type: bool, write: "{value}", "on": "H", "off": "L"}}}
`, graph.Port(), mixer.Port(), reader.Port(), pixel.Port()))

	if got := r.await("devices/graph/value", some(3))[2]; got != "512" && got != "511" {
		t.Errorf("graph shows %s at 2.5 V", got)
	}
	for name, want := range map[string]string{"red": "204", "green": "409", "blue": "613"} {
		if got := r.await("devices/mixer/"+name, some(2))[1]; got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}

	// The first answer may come after a partial line of before, and is dropped with it.
	r.await("devices/reader/status", ending("online"))
	r.publish("devices/reader/set/colour", "5,220,70")
	r.await("devices/reader/result/colour", some(1))
	r.publish("devices/reader/set/colour", "5,220,70")
	r.await("devices/reader/line", ending("FA23B9"))

	r.await("devices/pixel/status", ending("online"))
	r.publish("devices/pixel/set/led", "on")
	r.waitPin(pixel, "D13", avr.High)
	r.publish("devices/pixel/set/led", "off")
	r.waitPin(pixel, "D13", avr.Low)
}

// sketch writes a sketch and returns its path.
func (r *rig) sketch(name, text string) (path string) {
	r.t.Helper()
	path = filepath.Join(r.dir, "sketch", name, name+".ino")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
	return path
}

// talkative describes a command that no line holds, refuses with more than a line holds,
// and prints a reading that no line holds.
const talkative = `#include <SerialGateway.h>
SerialGateway gateway(Serial);
bool described;

void setMode(const char*) {}
void setLed(bool) { gateway.refuse(F("the door is open, the ventilation runs at its least, and somebody is in the room")); }

void setup() {
  Serial.begin(115200);
  gateway.begin(F("talkative"));
  described = gateway.on(F("mode automatic|manual|holiday|morning|evening|night|frost_protection|off_for_summer"), setMode);
  gateway.on(F("led"), setLed);
}

void loop() {
  gateway.print(F("described"), described);
  gateway.print(F("much"), F("123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789"));
  gateway.wait(4000);
}
`

// TestFirmware_WhatNoLineHolds: a command that cannot be described does not take the others
// away, an answer that is too long still comes, and the gateway counts what the board drops.
func TestFirmware_WhatNoLineHolds(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	uno := r.uno(r.sketch("talkative", talkative), filepath.Join(repository(t), "firmware", "arduino"))
	r.start(fmt.Sprintf("  talkative: {port: %s}\n", uno.Port()))
	if got := r.await("devices/talkative/described", some(1)); got[0] != "0" {
		t.Errorf("on() returned %s", got[0])
	}
	r.publish("devices/talkative/set/led", "on")
	result := r.await("devices/talkative/result/led", some(1))[0]
	if !strings.Contains(result, `"status":"failed"`) || !strings.Contains(result, "the door is open, the ventilation runs at its least, and") {
		t.Error(result)
	}
	r.publish("devices/talkative/set/mode", "manual")
	if result := r.await("devices/talkative/result/mode", some(1))[0]; !strings.Contains(result, `"status":"rejected"`) {
		t.Error(result)
	}
	r.log.Await(t, "part of the board's description not understood")
	r.log.Await(t, "the board dropped lines")
}

// sixPrints is the commonest sketch there is: a line for each reading, in a row.
const sixPrints = `#include <SerialGateway.h>
SerialGateway gateway(Serial);
unsigned turn = 0;

void setLed(bool on) { digitalWrite(LED_BUILTIN, on); }

void setup() {
  Serial.begin(%d);
  pinMode(LED_BUILTIN, OUTPUT);
  gateway.begin(F("six"));
  gateway.on(F("led"), setLed);
}

void loop() {
  turn++;
  gateway.print(F("temperature"), turn);
  gateway.print(F("humidity"), turn);
  gateway.print(F("pressure"), turn);
  gateway.print(F("light"), turn);
  gateway.print(F("soil"), turn);
  gateway.print(F("battery"), turn);
  gateway.%s;
}
`

// TestFirmware_SixPrintsInARow: each reading comes with every turn of the loop, at each
// baud rate, also if the sketch never pauses; and the board is described and commanded.
func TestFirmware_SixPrintsInARow(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	library := filepath.Join(repository(t), "firmware", "arduino")
	config := ""
	boards := map[string]*avr.Uno{}
	for name, sketch := range map[string]string{
		"slow":    fmt.Sprintf(sixPrints, 9600, "wait(200)"),
		"fast":    fmt.Sprintf(sixPrints, 115200, "wait(200)"),
		"without": fmt.Sprintf(sixPrints, 9600, "loop()"),
	} {
		boards[name] = r.uno(r.sketch(name, sketch), library)
		baud := 9600
		if name == "fast" {
			baud = 115200
		}
		config += fmt.Sprintf("  %s: {port: %s, baud: %d}\n", name, boards[name].Port(), baud)
	}
	r.start(config)
	for name, uno := range boards {
		for _, reading := range []string{"temperature", "humidity", "pressure", "light", "soil", "battery"} {
			turns := r.await("devices/"+name+"/"+reading, some(10))
			if first, err := strconv.Atoi(turns[0]); err != nil || first > 2 || !consecutive(turns) {
				t.Errorf("%s: %s is %q", name, reading, turns)
			}
		}
		r.publish("devices/"+name+"/set/led", "on")
		r.waitPin(uno, "D13", avr.High)
	}
}

func consecutive(numbers []string) bool {
	first, err := strconv.Atoi(numbers[0])
	for i, number := range numbers {
		if err != nil || number != strconv.Itoa(first+i) {
			return false
		}
	}
	return true
}
