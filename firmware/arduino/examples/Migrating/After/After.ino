#include <SerialGateway.h>  // After: like Before, with SerialGateway

SerialGateway gateway(Serial);

void setLed(bool on) { digitalWrite(LED_BUILTIN, on); }
void setFan(int duty) { analogWrite(9, duty); }

void setup() {
  Serial.begin(115200);
  pinMode(LED_BUILTIN, OUTPUT);
  gateway.begin(F("greenhouse"));
  gateway.reading(F("temperature °C"));
  gateway.reading(F("light"));
  gateway.on(F("led"), setLed);
  gateway.on(F("fan 0..255"), setFan);
}

void loop() {
  gateway.beginLine();
  gateway.add(F("temperature"), analogRead(A0) * 0.488 - 50, 1);
  gateway.add(F("light"), analogRead(A1));
  gateway.endLine();
  gateway.wait(1000);
}
