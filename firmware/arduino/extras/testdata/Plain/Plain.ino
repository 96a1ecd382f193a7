// Plain: every text is plain, some in flash: the board keeps them apart.

#include <SerialGateway.h>

SerialGateway gateway(Serial);

char id[] = "plain-0";

void setLed(bool on) {
  digitalWrite(LED_BUILTIN, on);
  gateway.reply(on ? "it is on" : "it is off");
}

void setMode(const char* mode) {
  if (strcmp(mode, "off") == 0) gateway.refuse("it stays on");
}

void setFan(int) {}

void setup() {
  Serial.begin(115200);
  pinMode(LED_BUILTIN, OUTPUT);
  id[6] = '7';
  gateway.begin(id);
  gateway.reading("temperature °C");
  gateway.reading(F("light"));
  gateway.on("led", setLed);
  gateway.on("mode auto|off", setMode);
  gateway.on(F("fan 0..255"), setFan);
  gateway.on("pump 0..9", setFan);
}

void loop() {
  gateway.beginLine();
  gateway.add("temperature", 23.5, 1);
  gateway.add(F("light"), F("dark"));
  gateway.add("door", "open");
  gateway.endLine();
  gateway.wait(200);
}
