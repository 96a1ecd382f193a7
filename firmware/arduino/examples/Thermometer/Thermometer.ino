// Thermometer: one reading, nothing else.
//
//   A0  TMP36      10 mV per degree, 500 mV at 0 °C
//
// Prints temperature=23.5 once a second, with a checksum, and describes at boot that
// it is in °C. The gateway needs only the port.

#include <SerialGateway.h>

SerialGateway gateway(Serial);

float celsius() { return (analogRead(A0) * (5000.0 / 1024) - 500) / 10; }

void setup() {
  Serial.begin(115200);
  gateway.begin(F("thermometer"));
  gateway.reading(F("temperature °C"));
}

void loop() {
  gateway.print(F("temperature"), celsius(), 1);
  gateway.wait(1000);  // instead of delay(1000), so that the board still answers
}
