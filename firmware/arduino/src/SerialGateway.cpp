#include "SerialGateway.h"

namespace serialgateway {

// Takes no more than has come by now: a host that floods the board can't keep
// it from its own work.
void Gateway::loop() {
  writer_.send(serial_);
  for (int n = serial_.available(); n > 0; n--) {
    char* line = reader_.take(static_cast<char>(serial_.read()));
    if (line) commands_.obey(line);
  }
}

void Gateway::wait(unsigned long milliseconds) {
  unsigned long start = millis();
  do {
    loop();
    yield();  // feeds the watchdog of an ESP8266
  } while (millis() - start < milliseconds);
}

}  // namespace serialgateway
