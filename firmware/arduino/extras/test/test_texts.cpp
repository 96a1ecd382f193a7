// Every text may be F("…") or plain, and the names of version 0.2 still work.
#include <stdio.h>
#include <string.h>

#include <type_traits>
#include <utility>

#include "Board.h"
#include "check.h"

static SerialGateway* gateway;
static bool on;

static void setLamp(bool value) { on = value; }
static void setDoor(bool) { gateway->refuse("it is locked"); }
static void setFan(int) { gateway->reply("at last"); }
static void setMode(const char* mode) { gateway->reply(strcmp(mode, "auto") ? "b" : "a"); }

// Returns the lines that the board prints, each without its checksum.
static std::string printed(FakePort& port, SerialGateway& board) {
  for (int i = 0; i < 20; i++) board.loop();
  std::string lines;
  for (size_t end; (end = port.sent.find("\r\n")) != std::string::npos; port.sent.erase(0, end + 2)) {
    lines += port.sent.substr(0, end - serialgateway::kSumLength) + "\n";
  }
  return lines;
}

static std::string hello(const std::string& id) {
  return "!hello " + id +
         " protocol=1 library=" SERIAL_GATEWAY_VERSION
         " parts=0 output=80\n!state session=0000 last=0 input=63 taken=0 dropped=0\n";
}

TEST(begin_takes_both_kinds_of_text) {
  FakePort port;
  SerialGateway board(port);
  board.begin("greenhouse");
  EQUAL(printed(port, board), hello("greenhouse"));
  board.begin(F("cellar"));
  EQUAL(printed(port, board), hello("cellar"));
}

TEST(begin_takes_an_id_that_is_made_at_boot) {
  static char id[8];
  FakePort port;
  SerialGateway board(port);
  snprintf(id, sizeof id, "tank-%d", 7);
  board.begin(id);
  EQUAL(printed(port, board), hello("tank-7"));
}

TEST(specs_may_be_plain) {
  FakePort port;
  SerialGateway board(port);
  gateway = &board;
  board.begin("porch");
  CHECK(board.reading("temperature °C"));
  CHECK(board.reading(F("light")));
  CHECK(board.on("lamp", setLamp));
  CHECK(board.on(F("door"), setDoor));
  CHECK(board.on("fan 0..255", setFan));
  CHECK(board.on("mode auto|manual", setMode));
  EQUAL(printed(port, board),
        "!hello porch protocol=1 library=" SERIAL_GATEWAY_VERSION " parts=6 output=80\n"
        "!reading 1/6 temperature °C\n!reading 2/6 light\n!command 3/6 lamp bool\n"
        "!command 4/6 door bool\n!command 5/6 fan int 0..255\n!command 6/6 mode enum auto|manual\n"
        "!state session=0000 last=0 input=63 taken=0 dropped=0\n");
  port.coming = "lamp=on\ndoor=on\nfan=300\nfan=7\nmode=auto\nmode=off\n";
  EQUAL(printed(port, board),
        "!ok 0 taken=8\n!no 0 taken=16 it is locked\n!no 0 taken=24 takes int 0..255\n"
        "!ok 0 taken=30 at last\n!ok 0 taken=40 a\n!no 0 taken=49 takes enum auto|manual\n");
  CHECK(on);
}

TEST(an_answer_is_repeated_with_its_plain_words) {
  FakePort port;
  SerialGateway board(port);
  gateway = &board;
  board.on("door", setDoor);
  printed(port, board);
  std::string command = summed("#1 door=on") + "\n";
  port.coming = summed("?7F3A") + "\n" + command + command;
  EQUAL(printed(port, board),
        "!state session=7F3A last=0 input=63 taken=12 dropped=0\n"
        "!no 1 taken=29 it is locked\n!no 1 taken=46 it is locked\n");
}

TEST(lines_of_readings_take_both_kinds_of_names) {
  FakePort port;
  SerialGateway board(port);
  board.beginLine();
  board.add("a", 1);
  board.add(F("b"), "text");
  board.add("c", F("flash"));
  board.add(F("d"), 1.25, 1);
  CHECK(board.endLine());
  CHECK(board.print("e", 2));
  CHECK(board.print(F("f"), 3));
  EQUAL(port.sent, summed("a=1,b=text,c=flash,d=1.2") + "\r\n" + summed("e=2") + "\r\n" + summed("f=3") + "\r\n");
}

// A text in a buffer could be gone before it is sent.
template <typename Words>
static auto answers(int) -> decltype(std::declval<SerialGateway>().reply(std::declval<Words>()),
                                     std::declval<SerialGateway>().refuse(std::declval<Words>()),
                                     std::true_type());
template <typename>
static std::false_type answers(...);

TEST(words_in_a_buffer_do_not_compile) {
  CHECK(decltype(answers<const char*>(0))::value);
  CHECK(decltype(answers<const __FlashStringHelper*>(0))::value);
  CHECK(!decltype(answers<char*>(0))::value);
}

#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

TEST(the_names_of_version_0_2_still_work) {
  FakePort port;
  SerialGateway board(port);
  board.id(F("porch"));
  EQUAL(printed(port, board), hello("porch"));
  board.begin();
  board.add(F("a"), 1);
  CHECK(board.end());
  EQUAL(port.sent, summed("a=1") + "\r\n");
}

RUN_TESTS
