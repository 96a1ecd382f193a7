// A line waits for a port that moves, and only for that. Nothing is lost in silence.
#include <algorithm>

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

// Drains models a port that takes so many bytes a millisecond, for a buffer of 63.
struct Drains {
  Drains(FakePort& port, int bytes) {
    port.room = 63;
    whileWaiting = [&port, bytes] { port.room = std::min(63, port.room + bytes); };
  }
  ~Drains() { whileWaiting = nullptr; }
};

TEST(a_line_goes_in_pieces_as_there_is_room) {
  FakePort port;
  SerialGateway gateway(port);
  port.room = 3;
  CHECK(gateway.print("light", 511));
  EQUAL(port.sent, "lig");
  for (int i = 0; i < 5; i++) {
    port.room = 3;
    gateway.loop();
  }
  EQUAL(port.sent.substr(0, 17), summed("light=511") + "\r\n");
  CHECK(!port.mustWait);
}

// The commonest sketch there is: six lines in a row, at 9600 baud.
TEST(the_next_line_waits_for_a_port_that_moves) {
  FakePort port;
  SerialGateway gateway(port);
  gateway.begin(F("six"));
  Drains at9600(port, 1);
  unsigned long start = now, before = now;
  for (int i = 0; i < 60; i++) {
    CHECK(gateway.print("temperature", i));
    CHECK(now - before <= 2 * 88);  // two lines
    before = now;
  }
  gateway.flush();
  for (int i = 0; i < 60; i++) {
    CHECK(port.sent.find(summed("temperature=" + std::to_string(i)) + "\r\n") != std::string::npos);
  }
  EQUAL(gateway.dropped(), 0);
  CHECK(!port.mustWait);
  CHECK(now - start >= port.sent.size() - 63);
}

TEST(a_sketch_without_a_pause_is_described_and_answered) {
  FakePort port;
  SerialGateway gateway(port);
  gateway.begin(F("six"));
  gateway.reading(F("a"));
  Drains at9600(port, 1);
  for (int i = 0; i < 20; i++) {
    if (i == 10) port.coming = "lamp=on\n";
    gateway.print("a", i);
    gateway.loop();
  }
  gateway.flush();
  for (const char* line : {"!hello six ", "!reading 1/1 a ", "!state ", "!no 0 taken=8 no such command "}) {
    CHECK(port.sent.find(line) != std::string::npos);
  }
  EQUAL(gateway.dropped(), 0);
}

TEST(where_the_port_stands_still_the_newest_line_wins) {
  FakePort port;
  SerialGateway gateway(port);
  gateway.flush();
  port.sent.clear();
  port.room = 0;
  now = 0;
  CHECK(gateway.print("temperature", -12.5));
  CHECK(gateway.print("temperature", 20));
  unsigned long waited = now;
  CHECK(waited <= 101);
  CHECK(gateway.print("temperature", 21));
  EQUAL(now, waited);  // only once
  EQUAL(gateway.dropped(), 2);
  port.room = FakePort::kEndless;
  gateway.loop();
  EQUAL(port.sent.substr(0, 22), summed("temperature=21") + "\r\n");
}

// Nothing of a line grows old: half of it has gone when the port stands still.
TEST(a_line_half_sent_does_not_pass_later) {
  FakePort port;
  SerialGateway gateway(port);
  port.room = 15;
  gateway.print("temperature", -12.5);
  now += 5000;
  gateway.print("temperature", 20);
  EQUAL(port.sent, "temperature=-12");
  port.room = FakePort::kEndless;
  gateway.loop();
  EQUAL(port.sent.substr(0, 38), "temperature=-12\n" + summed("temperature=20") + "\r\n");
  EQUAL(gateway.dropped(), 1);
}

TEST(a_line_half_sent_is_ended_once) {
  FakePort port;
  SerialGateway gateway(port);
  port.room = 3;
  gateway.print("a", 1);
  now += 5000;
  CHECK(!gateway.print("b", std::string(90, 'x').c_str()));
  gateway.print("c", 1);
  port.room = FakePort::kEndless;
  gateway.loop();
  EQUAL(port.sent.substr(0, 17), "a=1\n" + summed("c=1") + "\r\n!h");
}

TEST(a_state_reports_what_was_dropped) {
  FakePort port;
  SerialGateway gateway(port);
  gateway.flush();
  port.sent.clear();
  CHECK(!gateway.print("a", std::string(90, 'x').c_str()));
  gateway.flush();
  EQUAL(port.sent, summed("!state session=0000 last=0 input=63 taken=0 dropped=1") + "\r\n");
}

TEST(idle_until_everything_is_sent_and_no_command_has_begun) {
  FakePort port;
  SerialGateway gateway(port);
  CHECK(!gateway.idle());  // the hello
  gateway.flush();
  CHECK(gateway.idle());
  EQUAL(port.flushed, port.sent.size());
  port.room = 3;
  gateway.print("a", 1);
  CHECK(!gateway.idle());
  port.room = FakePort::kEndless;
  gateway.flush();
  CHECK(gateway.idle());
  EQUAL(port.flushed, port.sent.size());
  port.coming = "le";
  CHECK(!gateway.idle());
  gateway.loop();
  CHECK(!gateway.idle());
  port.coming = "d=on\n";
  gateway.loop();
  gateway.flush();
  CHECK(gateway.idle());
}

TEST(flush_does_not_wait_for_a_port_that_stands_still) {
  FakePort port;
  SerialGateway gateway(port);
  gateway.flush();
  port.room = 3;
  gateway.print("a", 1);
  now += 5000;
  unsigned long start = now;
  gateway.flush();
  EQUAL(now, start);
  CHECK(!gateway.idle());
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
  Drains at9600(uart.port, 1);
  for (int i = 0; i < 100; i++) {
    CHECK(uart.gateway.print("a", 123456789));
    uart.gateway.wait(30);
  }
  uart.gateway.flush();
  CHECK(!uart.port.mustWait);
  uart.work();
  std::vector<std::string> lines = uart.take();
  EQUAL(lines.size(), 100u + 8);
  EQUAL(uart.gateway.dropped(), 0);
}

// The sketch prints faster than the port takes, so loop never finds the port free. The
// answer goes before the next line.
TEST(readings_do_not_delay_an_answer) {
  Uart uart;
  uart.port.room = FakePort::kEndless;
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
  uart.port.room = FakePort::kEndless;
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
