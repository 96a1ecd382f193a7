// Ports as the cores of the boards have them. On each of them only what a port took counts
// as sent, and no line is changed.
#include <functional>
#include <limits>

#include "Board.h"
#include "check.h"

// CorePort answers as a core does. A host reads what it took.
struct CorePort : FakePort {
  std::function<size_t(size_t)> takes = [](size_t n) { return n; };
  std::function<int()> reports = [] { return 63; };

  int availableForWrite() override { return reports(); }
  size_t write(uint8_t byte) override { return write(&byte, 1); }
  size_t write(const uint8_t* bytes, size_t n) override {
    size_t result = takes(n);
    if (result <= n) sent.append(reinterpret_cast<const char*>(bytes), result);
    return result;
  }
};

// Prints ten lines, and checks that they arrive whole.
static void printsAll(CorePort& port) {
  SerialGateway gateway(port);
  for (int i = 0; i < 10; i++) {
    CHECK(gateway.print("reading", i));
    gateway.wait(200);
  }
  EQUAL(gateway.dropped(), 0);
  for (int i = 0; i < 10; i++) {
    CHECK(port.sent.find("\n" + summed("reading=" + std::to_string(i)) + "\r\n") != std::string::npos || i == 0);
  }
}

// HardwareSerial of avr, megaavr, esp8266 and esp32: takes what it reports.
TEST(a_port_that_takes_its_room) {
  CorePort port;
  printsAll(port);
}

// SoftwareSerial; Uart of sam: 0, and write waits.
TEST(a_port_that_blocks_and_reports_nothing) {
  CorePort port;
  port.reports = [] { return 0; };
  printsAll(port);
}

// arduino-pico and mbed over USB: write stops in the middle.
TEST(a_port_that_takes_less_than_its_room) {
  CorePort port;
  port.takes = [](size_t n) { return n > 5 ? 5 : n; };
  printsAll(port);
}

// Serial_ of samd: room is always 63; write returns 0 while the host does not read.
TEST(a_port_that_takes_nothing_at_times) {
  CorePort port;
  int calls = 0;
  port.takes = [&](size_t n) { return calls++ % 3 ? 0 : n; };
  printsAll(port);
}

// Serial_ of samd returns the error of its driver: -1.
TEST(a_port_that_returns_minus_one) {
  CorePort port;
  int calls = 0;
  port.takes = [&](size_t n) { return calls++ % 3 ? std::numeric_limits<size_t>::max() : n; };
  printsAll(port);
}

// A port may report a negative number for an error, and more than a byte holds.
TEST(a_port_with_odd_room) {
  CorePort port;
  int calls = 0;
  port.reports = [&] { return calls++ % 2 ? -1 : 4096; };
  printsAll(port);
}

// USB without a host: nothing moves for hours, and nothing old comes then.
TEST(a_closed_port) {
  CorePort port;
  bool closed = true;
  port.takes = [&](size_t n) { return closed ? std::numeric_limits<size_t>::max() : n; };
  SerialGateway gateway(port);
  unsigned long start = now;
  for (int i = 0; i < 10; i++) gateway.print("reading", i);
  CHECK(now - start <= 101);
  EQUAL(gateway.dropped(), 9);
  EQUAL(port.sent, "");
  closed = false;
  gateway.loop();
  EQUAL(port.sent.substr(0, 19), summed("reading=9") + "\r\n!h");
}

RUN_TESTS
