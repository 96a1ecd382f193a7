#include "Gateway.h"

namespace serialgateway {

// Takes only what has come by now, so that a host that floods the board cannot keep
// it from its own work.
void Gateway::loop() {
  send();
  if (running_) return;
  for (int n = serial_.available(); n > 0 && !answer_; n--) {
    taken_++;
    handleLine(reader_.take(static_cast<char>(serial_.read())));
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

// An answer goes first, so that a sketch that always prints cannot delay it for
// ever.
void Gateway::beginLine() {
  writer_.send(serial_);
  if (answer_ && writer_.idle()) printAnswer();
  writer_.begin();
}

bool Gateway::endLine() {
  lastLine_ = millis();
  if (writer_.end(serial_)) return true;
  dropped_++;
  return false;
}

}  // namespace serialgateway
