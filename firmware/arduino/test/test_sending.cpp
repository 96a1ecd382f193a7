// Sending never waits for the port.
#include "FakePort.h"
#include "SerialGateway.h"
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
  for (int i = 0; i < 4; i++) {
    port.room = 3;
    gateway.loop();
  }
  EQUAL(port.sent, "light=511\r\n");
  CHECK(!port.mustWait);
}

TEST(the_next_line_is_dropped_while_one_waits) {
  FakePort port;
  port.room = 3;
  SerialGateway gateway(port);
  CHECK(gateway.print("light", 1));
  CHECK(!gateway.print("light", 2));
  EQUAL(gateway.counts().dropped, 1);
  port.room = FakePort::kEndless;
  gateway.loop();
  CHECK(gateway.print("light", 3));
  EQUAL(port.sent, "light=1\r\nlight=3\r\n");
}

TEST(a_line_begun_while_one_waits_is_dropped_whole) {
  FakePort port;
  port.room = 3;
  SerialGateway gateway(port);
  gateway.print("light", 1);
  gateway.begin();
  gateway.add("a", 1);
  port.room = FakePort::kEndless;
  gateway.loop();
  gateway.add("b", 2);
  CHECK(!gateway.end());
  EQUAL(port.sent, "light=1\r\n");
}

// SoftwareSerial says 0 always, and waits itself.
TEST(a_port_that_cannot_tell_its_room_is_written_to) {
  FakePort port;
  port.room = FakePort::kCannotTell;
  SerialGateway gateway(port);
  CHECK(gateway.print("light", 511));
  EQUAL(port.sent, "light=511\r\n");
}

RUN_TESTS
