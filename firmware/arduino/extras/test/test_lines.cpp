// The board prints its readings on whole lines.
#include <limits>

#include "Board.h"
#include "check.h"

TEST(one_reading_is_a_line) {
  FakePort port;
  SerialGateway gateway(port);
  CHECK(gateway.print("temperature", 23.5, 2));
  EQUAL(port.sent, summed("temperature=23.50") + "\r\n");
}

TEST(several_readings_stay_together) {
  FakePort port;
  SerialGateway gateway(port);
  gateway.beginLine();
  gateway.add("temperature", 23.5, 1);
  gateway.add(F("humidity"), 40);
  gateway.add("door", "open");
  EQUAL(port.sent, "");
  CHECK(gateway.endLine());
  EQUAL(port.sent, summed("temperature=23.5,humidity=40,door=open") + "\r\n");
}

TEST(a_value_that_is_not_a_number_is_nan) {
  FakePort port;
  SerialGateway gateway(port);
  gateway.print("t", std::numeric_limits<double>::quiet_NaN());
  EQUAL(port.sent, summed("t=nan") + "\r\n");
}

TEST(a_value_cannot_end_its_line_or_start_a_reading) {
  FakePort port;
  SerialGateway gateway(port);
  gateway.print("say", "a\nb,c=1\x7f");
  EQUAL(port.sent, summed("say=a_b_c=1_") + "\r\n");
}

static const std::string kLongest(60 - 2, 'x');  // with "a="

TEST(the_longest_line_fits) {
  FakePort port;
  SizedSerialGateway<1, 60> gateway(port);
  CHECK(gateway.print("a", kLongest.c_str()));
  EQUAL(port.sent, summed("a=" + kLongest) + "\r\n");
}

TEST(a_longer_line_is_dropped_whole) {
  FakePort port;
  SizedSerialGateway<1, 60> gateway(port);
  CHECK(!gateway.print("ab", kLongest.c_str()));
  EQUAL(port.sent, "");
  EQUAL(gateway.dropped(), 1);
  CHECK(gateway.print("a", 1));
  EQUAL(port.sent, summed("a=1") + "\r\n");
}

TEST(an_end_without_a_beginning_sends_nothing) {
  FakePort port;
  SerialGateway gateway(port);
  gateway.add("a", 1);
  CHECK(!gateway.endLine());
  EQUAL(port.sent, "");
}

RUN_TESTS
