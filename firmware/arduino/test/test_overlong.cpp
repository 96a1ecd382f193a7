// An overlong line is discarded to its end, and counted.
#include "FakePort.h"
#include "SerialGateway.h"
#include "check.h"

static std::string heard;
static void say(const char* text) { heard += std::string(text) + ";"; }

struct Board {
  FakePort port;
  SizedSerialGateway<1, 8, 8> gateway{port};

  Board() {
    heard.clear();
    gateway.on("s", say);
  }
  void comes(const std::string& bytes) {
    port.coming = bytes;
    gateway.loop();
  }
};

TEST(the_longest_line_fits) {
  Board board;
  board.comes("s=123456\n");
  EQUAL(heard, "123456;");
  EQUAL(board.gateway.counts().overlong, 0);
}

TEST(a_longer_one_does_not_pass_for_its_beginning) {
  Board board;
  board.comes("s=1234567\n");
  EQUAL(heard, "");
  EQUAL(board.gateway.counts().overlong, 1);
}

TEST(nor_for_its_end) {
  Board board;
  board.comes("xxxxxxxxxs=1\ns=2\n");
  EQUAL(heard, "2;");
  EQUAL(board.gateway.counts().overlong, 1);
}

TEST(it_may_come_in_pieces) {
  Board board;
  for (int i = 0; i < 1000; i++) board.comes("garbage");
  board.comes("\n\ns=3\n");
  EQUAL(heard, "3;");
  EQUAL(board.gateway.counts().overlong, 1);
}

RUN_TESTS
