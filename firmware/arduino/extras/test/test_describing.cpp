// What cannot be described is refused at once, and the rest of the hello still comes.
#include "Board.h"
#include "check.h"

static int ran;
static void setInt(int) { ran++; }
static void setLong(long) { ran++; }
static void setBool(bool) { ran++; }
static void setText(const char*) { ran++; }

TEST(names_that_cannot_be_are_refused) {
  FakePort port;
  SerialGateway gateway(port);
  for (const char* name : {"Led", "led-1", "lämp", "a.b"}) {
    CHECK(!gateway.on(F(name), setBool));
    CHECK(!gateway.reading(F(name)));
  }
  CHECK(gateway.on(F("led_1"), setBool));
}

TEST(bounds_that_cannot_be_are_refused) {
  FakePort port;
  SizedSerialGateway<20, 80> gateway(port);
  for (const char* spec : {"a 0..", "a ..5", "a 5", "a 0-255", "a 0..x", "a 0..5 V", "a 1..123456789012345678901"}) {
    CHECK(!gateway.on(F(spec), setInt));
    CHECK(!gateway.on(F(spec), setLong));
  }
  CHECK(gateway.on(F("b -5..5"), setInt));
  CHECK(gateway.on(F("c"), setInt));
}

TEST(an_id_that_cannot_be_is_refused) {
  FakePort port;
  SerialGateway gateway(port);
  for (const char* id : {"Porch", "my porch", "porch.1", "a-name-that-is-too-long-for-a-line-of-eighty-bytes"}) {
    CHECK(!gateway.begin(F(id)));
  }
  gateway.flush();
  EQUAL(port.sent.substr(0, 15), "!hello arduino ");
  CHECK(gateway.begin(F("porch-1_b")));
}

static const std::string kWords =
    "mode automatic|manual|holiday|morning|evening|night|frost_protection|off_for_the_summer";

// One long enum does not take the other commands away.
TEST(a_command_that_does_not_fit_leaves_the_others) {
  FakePort port;
  SerialGateway gateway(port);
  gateway.begin(F("porch"));
  CHECK(gateway.on(F("led"), setBool));
  CHECK(!gateway.on(F(kWords.c_str()), setText));
  CHECK(!gateway.on(F("fan 0-255"), setInt));
  CHECK(!gateway.reading(F(kWords.c_str())));
  gateway.flush();
  EQUAL(port.sent, summed("!hello porch protocol=1 library=" SERIAL_GATEWAY_VERSION " parts=4 output=80") + "\r\n" +
                       summed("!command 1/4 led bool") + "\r\n" + summed("!command 2/4 mode") + "\r\n" +
                       summed("!command 3/4 fan") + "\r\n" + summed("!reading 4/4 mode") + "\r\n" +
                       summed("!state session=0000 last=0 input=63 taken=0 dropped=0") + "\r\n");
  ran = 0;
  port.sent.clear();
  port.coming = "mode=manual\nfan=1\n";
  gateway.loop();
  gateway.loop();
  EQUAL(ran, 0);
  EQUAL(port.sent, summed("!no 0 taken=12 no such command") + "\r\n" +
                       summed("!no 0 taken=18 no such command") + "\r\n");
}

TEST(a_larger_board_describes_it) {
  FakePort port;
  SizedSerialGateway<12, 200> gateway(port);
  CHECK(gateway.on(F(kWords.c_str()), setText));
  gateway.flush();
  CHECK(port.sent.find(" output=200 ") != std::string::npos);
  CHECK(port.sent.find("!command 1/1 mode enum automatic|") != std::string::npos);
}

static SerialGateway* running;
static std::string words;
static void refuseAll(bool) { running->refuse(words.c_str()); }

// Returns what the board answers to led=on.
static std::string answer(const std::string& reason) {
  FakePort port;
  SerialGateway gateway(port);
  running = &gateway;
  words = reason;
  gateway.on(F("led"), refuseAll);
  gateway.flush();
  port.sent.clear();
  port.coming = "led=on\n";
  gateway.loop();
  return port.sent;
}

TEST(a_long_answer_is_cut_between_words) {
  std::string begin = "!no 0 taken=7 ";
  std::string fits(80 - begin.size(), 'x');
  EQUAL(answer(fits), summed(begin + fits) + "\r\n");
  EQUAL(answer(fits + "y"), summed("!no 0 taken=7") + "\r\n");
  EQUAL(answer("the door is open, the ventilation runs at its least, and somebody is in the room"),
        summed("!no 0 taken=7 the door is open, the ventilation runs at its least, and somebody") + "\r\n");
  EQUAL(answer("größer " + std::string(80, 'x')), summed("!no 0 taken=7 größer") + "\r\n");
}

RUN_TESTS
