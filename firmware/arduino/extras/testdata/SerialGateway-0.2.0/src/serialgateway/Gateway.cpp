#include "Gateway.h"

namespace serialgateway {

// Takes no more than has come by now: a host that floods the board can't keep
// it from its own work.
void Gateway::loop() {
  send();
  if (running_) return;
  for (int n = serial_.available(); n > 0 && !answer_; n--) {
    taken_++;
    hear(reader_.take(static_cast<char>(serial_.read())));
    send();
  }
}

void Gateway::wait(unsigned long milliseconds) {
  unsigned long start = millis();
  do {
    loop();
    yield();  // feeds the watchdog of an ESP8266
  } while (millis() - start < milliseconds);
}

// An answer goes first, so that a sketch that prints all the time can't keep
// it back for ever.
void Gateway::begin() {
  writer_.send(serial_);
  if (answer_ && writer_.idle()) sayAnswer();
  writer_.begin();
}

bool Gateway::end() {
  lastSaid_ = millis();
  if (writer_.end(serial_)) return true;
  dropped_++;
  return false;
}

}  // namespace serialgateway
