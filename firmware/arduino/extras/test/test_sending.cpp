// Sending never waits for the port, and drops a reading only for another reading.
#include "Board.h"
#include "check.h"

TEST(a_full_port_is_not_written_to) {
  FakePort port;
  SerialGateway gateway(port);
  gateway.print("a", 1);
  port.sent.clear();
  port.room = 0;
  CHECK(gateway.print("b", 2));
  gateway.loop();
  EQUAL(port.sent, "");
  CHECK(!port.mustWait);
}

TEST(a_line_goes_in_pieces_as_there_is_room) {
  FakePort port;
  port.room = 3;
  SerialGateway gateway(port);
  CHECK(gateway.print("light", 511));
  EQUAL(port.sent, "lig");
  for (int i = 0; i < 5; i++) {
    port.room = 3;
    gateway.beginLine();
  }
  EQUAL(port.sent, summed("light=511") + "\r\n");
  CHECK(!port.mustWait);
}

TEST(the_next_line_is_dropped_while_one_waits) {
  FakePort port;
  port.room = 3;
  SerialGateway gateway(port);
  CHECK(gateway.print("light", 1));
  CHECK(!gateway.print("light", 2));
  EQUAL(gateway.dropped(), 1);
  port.room = FakePort::kEndless;
  CHECK(gateway.print("light", 3));
  EQUAL(port.sent, summed("light=1") + "\r\n" + summed("light=3") + "\r\n");
}

TEST(a_line_begun_while_one_waits_is_dropped_whole) {
  FakePort port;
  port.room = 3;
  SerialGateway gateway(port);
  gateway.print("light", 1);
  gateway.beginLine();
  gateway.add("a", 1);
  port.room = FakePort::kEndless;
  gateway.loop();
  gateway.add("b", 2);
  CHECK(!gateway.endLine());
  EQUAL(port.sent.substr(0, 15), summed("light=1") + "\r\n");
  EQUAL(port.sent.find("a=1"), std::string::npos);
}

// SoftwareSerial always reports 0, and waits itself.
TEST(a_port_that_cannot_report_its_room_is_written_to) {
  FakePort port;
  port.room = FakePort::kCannotTell;
  SerialGateway gateway(port);
  CHECK(gateway.print("light", 511));
  EQUAL(port.sent, summed("light=511") + "\r\n");
}

// Uart has a buffer of 63 bytes, which the test empties.
struct Uart : Board {
  Uart() { port.room = 63; }
  void drains(int bytes) { port.room = std::min(63, port.room + bytes); }
};

TEST(a_hello_costs_no_reading) {
  Uart uart;
  for (int i = 0; i < 100; i++) {
    uart.gateway.loop();
    CHECK(uart.gateway.print("a", 123456789));
    uart.gateway.loop();
    uart.drains(40);
    uart.gateway.loop();
    uart.drains(40);
  }
  CHECK(!uart.port.mustWait);
  uart.work();
  std::vector<std::string> lines = uart.take();
  EQUAL(lines.size(), 100u + 8);
  EQUAL(uart.gateway.dropped(), 0);
}

// The sketch prints faster than the port takes, so loop never finds the port free. The
// answer goes in place of a line.
TEST(readings_do_not_delay_an_answer) {
  Uart uart;
  uart.work();
  uart.take();
  uart.port.room = 0;
  uart.port.coming = "led=on\nled=off\n";
  uart.gateway.print("a", 1);
  uart.gateway.loop();
  uart.drains(63);
  uart.gateway.beginLine();
  CHECK(uart.port.sent.find("!ok 0 taken=7") != std::string::npos);
}

TEST(no_command_is_taken_before_the_answer_is_sent) {
  Uart uart;
  uart.work();
  uart.take();
  uart.port.room = 0;
  uart.port.coming = "led=on\nled=off\n";
  uart.gateway.print("a", 1);
  for (int i = 0; i < 3; i++) uart.gateway.loop();
  EQUAL(uart.take().size(), 1u);  // the first one ran
  uart.drains(63);
  uart.work();
  uart.drains(63);
  uart.work();
  std::vector<std::string> happened = uart.take();
  EQUAL(happened[1], "from " + summed("!ok 0 taken=7"));
  EQUAL(happened[2], "runs led off");
  EQUAL(happened[3], "from " + summed("!ok 0 taken=15"));
}

RUN_TESTS
