// Minimal: one reading up, one command down.
//
// Prints light=511 once a second; led=on and led=off switch the LED.

#include <SerialGateway.h>

SerialGateway gateway(Serial);

void setLed(bool on) { digitalWrite(LED_BUILTIN, on); }

void setup() {
  Serial.begin(115200);
  pinMode(LED_BUILTIN, OUTPUT);
  gateway.on("led", setLed);
}

void loop() {
  gateway.print("light", analogRead(A0));
  gateway.wait(1000);  // instead of delay(1000), which would not hear commands
}
