#include "Gateway.h"

namespace serialgateway {

// Takes only what has come by now, so that a host that floods the board cannot keep
// it from its own work.
void Gateway::loop() {
  send();
  if (running_) return;
  for (int n = serial_.available(); n > 0 && !answer_; n--) {
    counts_[kTaken]++;
    handleLine(reader_.take(static_cast<char>(serial_.read())));
    send();
  }
}

void Gateway::wait(unsigned long milliseconds) {
  unsigned long start = clock();
  do {
    loop();
    yield();  // feeds the watchdog of an ESP8266
  } while (clock() - start < milliseconds);
}

// If the sketch prints faster than the port takes it, loop never finds the port free. So
// a line of the protocol that is due goes first then.
void Gateway::beginLine() {
  if (!writer_.idle()) {
    settle();
    send();
    settle();
  }
  if (writer_.begin()) drop();
}

bool Gateway::endLine() {
  if (writer_.end(serial_)) return true;
  drop();
  return false;
}

// Counts a line, and lets a state report it.
SERIAL_GATEWAY_NOINLINE void Gateway::drop() {
  counts_[kDropped]++;
  if (hello_ == kHelloDone) hello_ = kStateDue;
}

// In an interrupt of an AVR neither the clock nor the port moves.
static bool maySleep() {
#ifdef SREG_I
  return SREG & 1 << SREG_I;
#else
  return true;
#endif
}

// Waits until the line before is on its way, or the port stands still.
SERIAL_GATEWAY_NOINLINE void Gateway::settle() {
  while (writer_.send(serial_) && maySleep()) yield();
}

void Gateway::flush() {
  do {
    send();
    settle();
  } while (writer_.idle() && due());
  serial_.flush();
}

}  // namespace serialgateway
