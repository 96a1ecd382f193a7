// Whatever comes, the board hears what a plain model of it hears.
#include <random>

#include "FakePort.h"
#include "SerialGateway.h"
#include "check.h"

static const size_t kMaxInput = 16;
static std::string heard;
static void say(const char* text) { heard += std::string(text) + ";"; }

// The model: split at every ending, then look at each line as a whole.
struct Model {
  std::string heard;
  unsigned overlong = 0, unknown = 0;

  void line(const std::string& line) {
    if (line.size() > kMaxInput) {
      overlong++;
    } else if (line.find('\0') < line.find('=')) {
      unknown++;  // to the board the line ends at its NUL
    } else if (line.compare(0, 2, "s=") == 0) {
      heard += std::string(line.c_str() + 2) + ";";
    } else if (!line.empty()) {
      unknown++;
    }
  }
  void take(const std::string& bytes) {
    std::string rest;
    for (char byte : bytes) {
      if (byte != '\n' && byte != '\r') {
        rest += byte;
        continue;
      }
      line(rest);
      rest.clear();
    }
  }
};

// Mostly what commands are made of, so that some are among it.
static std::string noise(std::mt19937& random) {
  const std::string usual = "s=s=1\n\r";
  std::string bytes;
  for (int n = random() % 2000; n > 0; n--) {
    bytes += random() % 4 ? usual[random() % usual.size()] : static_cast<char>(random());
  }
  return bytes + "\n";
}

TEST(the_board_hears_what_the_model_hears) {
  std::mt19937 random(1);
  for (int round = 0; round < 500; round++) {
    FakePort port;
    SizedSerialGateway<1, kMaxInput, 8> gateway(port);
    gateway.on("s", say);
    heard.clear();
    port.coming = noise(random);
    Model model;
    model.take(port.coming);
    while (port.available()) gateway.loop();
    EQUAL(heard, model.heard);
    EQUAL(gateway.counts().overlong, model.overlong);
    EQUAL(gateway.counts().unknown, model.unknown);
  }
}

RUN_TESTS
