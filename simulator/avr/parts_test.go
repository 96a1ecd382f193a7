package avr_test

import (
	"strings"
	"testing"

	"arduino-gateway/simulator/avr"
)

// pingSketch measures a distance as the example Ping does.
const pingSketch = `
void setup() { Serial.begin(115200); }
void loop() {
  pinMode(7, OUTPUT);
  digitalWrite(7, LOW); delayMicroseconds(2);
  digitalWrite(7, HIGH); delayMicroseconds(5);
  digitalWrite(7, LOW);
  pinMode(7, INPUT);
  Serial.println((pulseIn(7, HIGH) + 29) / 58);
  delay(20);
}
`

func TestUno_MeasuresWithPing(t *testing.T) {
	t.Parallel()
	uno := start(t, avr.Options{Hex: compileText(t, pingSketch), Parts: []string{"ping:D7:D7:100"}})
	port := open(t, uno.Port(), 115200)
	port.wait("100")
	if err := uno.SetPart(testContext(t), 0, 42, 0); err != nil {
		t.Fatal(err)
	}
	port.wait("42")
}

// dhtSketch reads a DHT22 on D2 and prints its five bytes.
const dhtSketch = `
void setup() { Serial.begin(115200); }
void loop() {
  byte data[5] = {0};
  pinMode(2, OUTPUT); digitalWrite(2, LOW); delay(2);
  pinMode(2, INPUT_PULLUP);
  pulseIn(2, HIGH, 10000);  // its answer, before the first bit
  for (int i = 0; i < 40; i++)
    data[i / 8] = data[i / 8] << 1 | (pulseIn(2, HIGH, 10000) > 45);
  for (int i = 0; i < 5; i++) { Serial.print(data[i]); Serial.print(' '); }
  Serial.println();
  delay(20);
}
`

func TestUno_ReadsADHT22(t *testing.T) {
	t.Parallel()
	uno := start(t, avr.Options{Hex: compileText(t, dhtSketch), Parts: []string{"dht22:D2:-101:560"}})
	open(t, uno.Port(), 115200).wait("2 48 128 101 23 ") // 560, -101, the sum
}

// ds18b20Sketch speaks 1-Wire on D8 (PB0): reset, skip ROM, convert, read.
const ds18b20Sketch = `
void low(int us) { pinMode(8, OUTPUT); digitalWrite(8, LOW); delayMicroseconds(us); pinMode(8, INPUT); }
bool reset() { low(480); delayMicroseconds(70); bool there = !digitalRead(8); delayMicroseconds(410); return there; }
void bit1(bool b) { noInterrupts(); low(b ? 2 : 60); interrupts(); delayMicroseconds(b ? 60 : 5); }
void put(byte b) { for (int i = 0; i < 8; i++) bit1(b >> i & 1); }
bool get1() { noInterrupts(); low(2); delayMicroseconds(4); bool b = digitalRead(8); interrupts(); delayMicroseconds(55); return b; }
byte get() { byte b = 0; for (int i = 0; i < 8; i++) b |= get1() << i; return b; }
void setup() { Serial.begin(115200); digitalWrite(8, LOW); }
void loop() {
  if (!reset()) { Serial.println("nobody"); return; }
  put(0xcc); put(0x44);
  while (!get1()) {}
  reset(); put(0xcc); put(0xbe);
  int lo = get(), hi = get();
  Serial.println((hi << 8 | lo) / 16.0);
}
`

func TestUno_ReadsADS18B20(t *testing.T) {
	t.Parallel()
	uno := start(t, avr.Options{Hex: compileText(t, ds18b20Sketch), Parts: []string{"ds18b20:B0:21500"}, Speed: 4})
	open(t, uno.Port(), 115200).wait("21.50")
}

// A board may run as fast as the machine can.
func TestUno_RunsOnItsOwnClock(t *testing.T) {
	t.Parallel()
	slow := strings.ReplaceAll(pingSketch, "delay(20)", "delay(5000)")
	uno := start(t, avr.Options{Hex: compileText(t, slow), Parts: []string{"ping:D7:D7:7"}, Speed: -1})
	port := open(t, uno.Port(), 115200)
	port.wait("7")
	port.wait("7")
	port.wait("7")
}
