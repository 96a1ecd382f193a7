// A gateway and a board on a bad wire. Whatever is damaged, lost or reset, the promises
// of docs/protocol.md hold. This gateway does the least that the rules demand, and draws
// every choice from a seed.
#include <map>
#include <random>

#include "Board.h"
#include "check.h"

static std::mt19937 chance;
static bool happens(int percent) { return static_cast<int>(chance() % 100) < percent; }

// Damages, loses or adds some bytes, but keeps the order.
static std::string overWire(const std::string& bytes, int percent) {
  std::string after;
  for (char byte : bytes) {
    if (!happens(percent)) {
      after += byte;
      continue;
    }
    switch (chance() % 4) {
      case 0:
        break;
      case 1:
        after += byte;
        after += static_cast<char>(chance());
        break;
      case 2:
        after += '\n';
        break;
      default:
        after += static_cast<char>(byte ^ (1 << chance() % 8));
    }
  }
  return after;
}

// Wire connects a gateway to a Board that is reset at times.
struct Wire {
  int damage, resets;  // percent: of the bytes, of the steps
  Board* board = new Board;
  std::map<std::string, int> runs;  // how often each command ran
  std::string order;                // of the commands that ran

  Wire(int damage, int resets) : damage(damage), resets(resets) {}
  ~Wire() { delete board; }

  // Sends bytes to the board, lets it work, and returns the lines that come back with a
  // right checksum, without it.
  std::vector<std::string> step(const std::string& bytes) {
    std::string back;
    board->port.coming += overWire(bytes, damage);
    if (happens(resets)) reset(back);
    board->port.room = 1 + chance() % 200;
    for (int n = chance() % 4; n >= 0; n--) board->gateway.loop();
    if (happens(20)) board->gateway.print("light", 511);
    collect(back);
    return lines(overWire(back, damage));
  }

 private:
  void reset(std::string& back) {
    collect(back);
    delete board;
    board = new Board;
  }
  void collect(std::string& back) {
    for (const std::string& event : board->take()) {
      if (event.compare(0, 5, "runs ") == 0) {
        runs[event.substr(5)]++;
        order += event.substr(5) + ";";
      } else {
        back += event.substr(5) + "\r\n";
      }
    }
    back += board->port.sent;
    board->port.sent.clear();
  }
  std::string rest_;
  std::vector<std::string> lines(const std::string& bytes) {
    std::vector<std::string> whole;
    for (char byte : bytes) {
      if (byte != '\r' && byte != '\n') {
        rest_ += byte;
        continue;
      }
      if (rest_.size() >= 6 && summed(rest_.substr(0, rest_.size() - 6)) == rest_) {
        whole.push_back(rest_.substr(0, rest_.size() - 6));
      }
      rest_.clear();
    }
    return whole;
  }
};

// Host is the gateway. It sends one command at a time, and repeats it until the board
// answers or has lost the session.
struct Host {
  Wire& wire;
  std::string session;
  int number = 0;

  explicit Host(Wire& wire) : wire(wire) {}

  void begin() {
    char id[5];
    snprintf(id, sizeof id, "%04X", 1 + static_cast<unsigned>(chance() % 65535));
    if (session == id) return begin();
    session = id;
    number = 0;
    std::string want = "!state session=" + session + " last=0";
    for (int step = 0;; step++) {
      CHECK(step < kPatience);
      for (const std::string& line : wire.step("\n" + summed("?" + session) + "\n")) {
        if (line.compare(0, want.size(), want) == 0) return;
      }
    }
  }

  enum { kPatience = 2000 };  // steps, without the answer that must come
  enum Result { kDone, kRefused, kUnknown };

  Result send(const std::string& command) {
    if (session.empty()) begin();
    std::string n = std::to_string(++number);
    std::string line = "\n" + summed("#" + n + " " + command) + "\n";
    for (int step = 0;; step++) {
      CHECK(step < kPatience);
      for (const std::string& answer : wire.step(step % 4 ? "" : line)) {
        if (answer.compare(0, 4 + n.size(), "!ok " + n) == 0) return kDone;
        if (answer.compare(0, 4 + n.size(), "!no " + n) == 0) return kRefused;
        bool lost = answer.compare(0, 9, "!again 0 ") == 0 ||
                    (answer.compare(0, 15, "!state session=") == 0 &&
                     answer.compare(15, 4, session) != 0);
        if (!lost) continue;
        session.clear();
        return kUnknown;
      }
    }
  }
};

// Returns a command with a value of its own, so that it is recognised when it runs. The
// board takes any say=TEXT, and fan=N up to 255 except 13.
static std::string command(int i) {
  if (i % 5 == 0) return "fan=" + std::to_string(300 + i);  // refused
  return "say=" + std::string(chance() % 10, 'x') + std::to_string(i);
}

static std::string asRun(std::string command) {
  command[3] = ' ';
  return command;
}

static void play(unsigned seed, int damage, int resets) {
  chance.seed(seed);
  Wire wire(damage, resets);
  Host host(wire);
  std::string order;
  for (int i = 0; i < 60; i++) {
    std::string c = command(i);
    Host::Result result = host.send(c);
    int runs = wire.runs[asRun(c)];
    if (result == Host::kDone) CHECK(runs == 1 && i % 5 != 0);
    if (result == Host::kRefused) CHECK(runs == 0 && i % 5 == 0);
    CHECK(runs <= 1);
    if (runs) order += asRun(c) + ";";
    if (happens(5)) host.session.clear();  // the gateway restarts
  }
  for (const auto& run : wire.runs) CHECK(run.second <= 1);
  CHECK(wire.order.find(order) == 0);  // a command given up may run later, but only once
}

TEST(a_good_wire) {
  for (unsigned seed = 0; seed < 20; seed++) play(seed, 0, 0);
}

TEST(a_bad_wire) {
  for (unsigned seed = 100; seed < 160; seed++) play(seed, 1, 0);
}

TEST(a_board_that_is_reset) {
  for (unsigned seed = 200; seed < 260; seed++) play(seed, 0, 5);
}

TEST(both) {
  for (unsigned seed = 300; seed < 360; seed++) play(seed, 1, 5);
}

TEST(a_terrible_wire) {
  for (unsigned seed = 400; seed < 420; seed++) play(seed, 4, 0);
}

// Noise alone never runs a command, and never breaks the library.
static void noise(Board& board) {
  const std::string usual = "#?1 led=on ~8A9E\n\r";
  for (int i = 0; i < 300; i++) {
    bool likely = happens(75);
    board.port.coming += likely ? usual[chance() % usual.size()] : static_cast<char>(chance());
  }
  board.port.coming += "\n";
  board.work();
}

TEST(noise_in_a_session_runs_nothing) {
  chance.seed(1);
  for (int round = 0; round < 300; round++) {
    Board board;
    board.port.coming = summed("?7F3A") + "\n";
    board.work();
    noise(board);
    for (const std::string& event : board.take()) CHECK(event.compare(0, 5, "runs ") != 0);
  }
}

TEST(noise_outside_of_one_is_answered) {
  chance.seed(2);
  for (int round = 0; round < 300; round++) {
    Board board;
    board.work();
    board.take();
    noise(board);
    board.port.coming = "led=on\n";
    board.work();
    std::vector<std::string> events = board.take();
    EQUAL(events[events.size() - 2], "runs led on");
  }
}

RUN_TESTS
