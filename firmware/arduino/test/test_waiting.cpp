// wait() passes the time with listening and sending; loop() takes none.
#include <limits.h>

#include "FakePort.h"
#include "SerialGateway.h"
#include "check.h"
#include "clock.h"

static int calls;
static void count(bool) { calls++; }

TEST(wait_takes_its_time) {
  FakePort port;
  SerialGateway gateway(port);
  whileWaiting = nullptr;
  now = 100;
  gateway.wait(250);
  EQUAL(now, 350ul);
}

TEST(wait_outlives_the_clock_turning_over) {
  FakePort port;
  SerialGateway gateway(port);
  whileWaiting = nullptr;
  now = ULONG_MAX - 10;
  gateway.wait(50);
  EQUAL(now, 39ul);
}

TEST(commands_are_obeyed_meanwhile) {
  FakePort port;
  SerialGateway gateway(port);
  calls = 0;
  gateway.on("led", count);
  whileWaiting = [&] {
    if (now == 5) port.coming = "led=on\n";
  };
  now = 0;
  gateway.wait(10);
  EQUAL(calls, 1);
}

TEST(a_waiting_line_is_sent_meanwhile) {
  FakePort port;
  port.room = 1;
  SerialGateway gateway(port);
  gateway.print("light", 511);
  whileWaiting = [&] { port.room = 1; };
  gateway.wait(20);
  EQUAL(port.sent, "light=511\r\n");
  CHECK(!port.mustWait);
}

// A host that floods the board: as much comes as is read.
TEST(loop_ends_however_much_comes) {
  struct Flood : FakePort {
    int available() override { return 64; }
    int read() override {
      reads++;
      return "led=on\n"[reads % 7];
    }
    int reads = 0;
  } port;
  SerialGateway gateway(port);
  gateway.loop();
  EQUAL(port.reads, 64);
}

RUN_TESTS
