// wait() takes input and sends while it waits; loop() does not wait.
#include <limits.h>

#include "Board.h"
#include "check.h"

TEST(wait_takes_its_time) {
  Board board;
  whileWaiting = nullptr;
  now = 100;
  board.gateway.wait(250);
  EQUAL(now, 350ul);
}

TEST(wait_outlives_the_clock_turning_over) {
  Board board;
  whileWaiting = nullptr;
  now = ULONG_MAX - 10;
  board.gateway.wait(50);
  EQUAL(now, 39ul);
}

TEST(commands_run_during_wait) {
  Board board;
  whileWaiting = [&] {
    if (now == 5) board.port.coming = "led=on\n";
  };
  now = 0;
  board.gateway.wait(10);
  EQUAL(board.take().back(), "runs led on");
}

TEST(a_waiting_line_is_sent_during_wait) {
  Board board;
  board.port.room = 1;
  board.gateway.print("light", 511);
  whileWaiting = [&] { board.port.room = 1; };
  now = 0;
  board.gateway.wait(20);
  EQUAL(board.port.sent.substr(0, 17), summed("light=511") + "\r\n");
  CHECK(!board.port.mustWait);
}

// The host floods the board: for each byte read another one comes.
TEST(loop_ends_however_much_comes) {
  struct Flood : FakePort {
    int available() override { return 64; }
    int read() override {
      reads++;
      return "\n\r"[reads % 2];
    }
    int reads = 0;
  } port;
  SerialGateway gateway(port);
  gateway.loop();
  EQUAL(port.reads, 64);
}

// A board with nothing else to print prints its state, so that a gateway that starts
// later finds it.
TEST(a_silent_board_gives_a_sign_of_life) {
  Board board;
  whileWaiting = nullptr;
  now = 70000;  // beyond what the library keeps of the clock
  board.work();
  board.take();
  board.gateway.wait(9900);
  EQUAL(board.port.sent, "");
  board.gateway.wait(200);
  EQUAL(board.port.sent, summed("!state session=0000 last=0 input=63 taken=0 dropped=0") + "\r\n");
  board.port.sent.clear();
  board.gateway.wait(9000);
  board.gateway.print("light", 1);
  board.gateway.wait(9000);
  EQUAL(board.port.sent, summed("light=1") + "\r\n");
}

RUN_TESTS
