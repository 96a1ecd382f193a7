// Commands reach their handlers with the values that they take, and no others; and what
// a handler may do.
#include <limits.h>

#include "Board.h"
#include "check.h"

static std::string heard;
static SerialGateway* running;

static void setInt(int value) { heard += "int " + std::to_string(value) + ";"; }
static void setLong(long value) { heard += "long " + std::to_string(value) + ";"; }
static void setBool(bool value) { heard += value ? "on;" : "off;"; }
static void setText(const char* value) { heard += "text " + std::string(value) + ";"; }

// Returns what the handler was called with, or the board's refusal.
template <typename Handler>
static std::string given(const char* spec, Handler handler, const std::string& value) {
  FakePort port;
  SerialGateway gateway(port);
  gateway.on(F(spec), handler);
  heard.clear();
  while (port.sent.find("!state") == std::string::npos) gateway.loop();
  port.sent.clear();
  port.coming = "x=" + value + "\n";
  gateway.loop();
  if (!heard.empty()) return heard;
  size_t reason = port.sent.find("takes ");
  return port.sent.substr(reason, port.sent.find(" ~") - reason);
}

TEST(bools) {
  for (const char* on : {"on", "1", "TRUE", "On"}) EQUAL(given("x", setBool, on), "on;");
  for (const char* off : {"off", "0", "False"}) EQUAL(given("x", setBool, off), "off;");
  for (const char* bad : {"", "2", "onn", " on", "on ", "o", "on|true"}) {
    EQUAL(given("x", setBool, bad), "takes bool");
  }
}

TEST(numbers) {
  for (const char* good : {"0", "255", "-1", "32767", "-32768"}) {
    EQUAL(given("x", setInt, good), "int " + std::string(good) + ";");
    EQUAL(given("x", setLong, good), "long " + std::string(good) + ";");
  }
  EQUAL(given("x", setInt, "+7"), "int 7;");
  for (const char* bad : {"", "-", "1.5", "0x1", " 1", "1 ", "--1", "99999999999999999999999999"}) {
    EQUAL(given("x", setInt, bad), "takes int -2147483648..2147483647");
    EQUAL(given("x", setLong, bad), "takes int -2147483648..2147483647");
  }
}

TEST(numbers_fit_their_type) {
  EQUAL(given("x", setLong, "2147483647"), "long 2147483647;");
  EQUAL(given("x", setLong, "-2147483648"), "long -2147483648;");
  EQUAL(given("x", setInt, "2147483648"), "takes int -2147483648..2147483647");
  EQUAL(given("x", setInt, "-2147483649"), "takes int -2147483648..2147483647");
  EQUAL(given("x", setLong, "4294967297"), "takes int -2147483648..2147483647");
}

TEST(bounds) {
  EQUAL(given("x -5..5", setInt, "5"), "int 5;");
  EQUAL(given("x -5..5", setInt, "-5"), "int -5;");
  EQUAL(given("x -5..5", setInt, "6"), "takes int -5..5");
  EQUAL(given("x -5..5", setInt, "-6"), "takes int -5..5");
}

static void setByte(uint8_t value) { heard += "byte " + std::to_string(value) + ";"; }
static void setUnsigned(unsigned value) { heard += "unsigned " + std::to_string(value) + ";"; }
static void setUnsignedLong(unsigned long value) { heard += "unsigned long " + std::to_string(value) + ";"; }

TEST(numbers_without_a_sign) {
  EQUAL(given("x", setByte, "255"), "byte 255;");
  EQUAL(given("x", setByte, "256"), "takes int 0..255");
  EQUAL(given("x 1..200", setByte, "0"), "takes int 1..200");
  EQUAL(given("x", setUnsigned, "65535"), "unsigned 65535;");
  EQUAL(given("x", setUnsigned, "-1"), "takes int 0..2147483647");
  EQUAL(given("x", setUnsignedLong, "2147483647"), "unsigned long 2147483647;");
  EQUAL(given("x", setUnsignedLong, "2147483648"), "takes int 0..2147483647");
  FakePort port;
  SerialGateway gateway(port);
  CHECK(!gateway.on(F("x 0..256"), setByte));
  CHECK(!gateway.on(F("x -1..5"), setByte));
  CHECK(!gateway.on(F("x -1..5"), setUnsigned));
  CHECK(!gateway.on(F("x -1..5"), setUnsignedLong));
}

static void switchNamed(const char* name, bool on) { heard += std::string(name) + (on ? " on;" : " off;"); }
static void setNamed(const char* name, int value) { heard += std::string(name) + " " + std::to_string(value) + ";"; }

TEST(one_handler_serves_several_commands) {
  FakePort port;
  SerialGateway gateway(port);
  for (const char* name : {"pump", "valve_2"}) CHECK(gateway.on(F(name), switchNamed));
  CHECK(gateway.on(F("fan 0..255"), setNamed));
  CHECK(!gateway.on(F("fan 0-255"), setNamed));
  gateway.flush();
  CHECK(port.sent.find("!command 1/4 pump bool ") != std::string::npos);
  heard.clear();
  port.coming = "pump=on\nvalve_2=OFF\nfan=7\nfan=256\n" + summed("?7F3A") + "\n" + summed("#1 pump=off") + "\n";
  for (int i = 0; i < 9; i++) gateway.loop();
  EQUAL(heard, "pump on;valve_2 off;fan 7;pump off;");
}

TEST(words) {
  EQUAL(given("x auto|manual run|", setText, "auto"), "text auto;");
  EQUAL(given("x auto|manual run", setText, "manual run"), "text manual run;");
  for (const char* bad : {"", "aut", "autoo", "auto|manual", "manual", "Auto"}) {
    EQUAL(given("x auto|manual run", setText, bad), "takes enum auto|manual run");
  }
}

TEST(texts) {
  EQUAL(given("x 5", setText, "a=b,c"), "text a=b,c;");
  EQUAL(given("x 5", setText, ""), "text ;");
  EQUAL(given("x 5", setText, "123456"), "takes text 5");
  EQUAL(given("x", setText, std::string(32, 'a')), "text " + std::string(32, 'a') + ";");
  EQUAL(given("x", setText, std::string(33, 'a')), "takes text 32");
}

TEST(one_part_too_many_is_refused) {
  FakePort port;
  SizedSerialGateway<2, 60> gateway(port);
  CHECK(gateway.reading(F("a")));
  CHECK(gateway.on(F("b"), setBool));
  CHECK(!gateway.on(F("c"), setBool));
  CHECK(!gateway.reading(F("d")));
}

TEST(a_reading_is_not_a_command) {
  FakePort port;
  SerialGateway gateway(port);
  gateway.reading(F("x"));
  gateway.on(F("x"), setBool);
  heard.clear();
  port.coming = "x=on\n";
  for (int i = 0; i < 9; i++) gateway.loop();
  EQUAL(heard, "on;");
}

// A handler may wait: no other command runs until it returns, its text stays valid, and
// lines go out.
static void slow(const char* value) {
  running->wait(50);
  running->print("meanwhile", 1);
  running->wait(50);
  heard += std::string(value) + ";";
  running->reply(F("at last"));
}

TEST(a_handler_may_wait) {
  FakePort port;
  SerialGateway gateway(port);
  running = &gateway;
  gateway.on(F("slow"), slow);
  heard.clear();
  now = 0;
  whileWaiting = [&] {
    if (now == 10) port.coming += summed("#2 slow=second") + "\n";
  };
  port.coming = summed("?7F3A") + "\n" + summed("#1 slow=first") + "\n";
  for (int i = 0; i < 9; i++) gateway.loop();
  whileWaiting = nullptr;
  EQUAL(heard, "first;second;");
  size_t meanwhile = port.sent.find("meanwhile=1");
  size_t first = port.sent.find("!ok 1 taken=32 at last");
  size_t second = port.sent.find("!ok 2 taken=53 at last");
  CHECK(meanwhile < first && first < second && second != std::string::npos);
}

TEST(outside_a_handler_words_are_ignored) {
  Board board;
  board.work();
  board.gateway.refuse(F("no"));
  board.gateway.reply(F("yes"));
  board.port.coming = "led=on\n";
  board.work();
  EQUAL(board.take().back(), "from " + summed("!ok 0 taken=7"));
}

RUN_TESTS
