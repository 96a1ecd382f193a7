// Old: the names of version 0.2.

#include <SerialGateway.h>

SerialGateway gateway(Serial);

void setup() {
  Serial.begin(115200);
  gateway.id(F("old"));
}

void loop() {
  gateway.begin();
  gateway.add(F("light"), analogRead(A0));
  gateway.end();
  gateway.wait(200);
}
