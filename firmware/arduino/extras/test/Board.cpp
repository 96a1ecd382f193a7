#include "Board.h"

#include <tuple>

// Handlers are plain functions, so they find their board here.
static Board* running;

static void setLed(bool on) { running->runs(on ? "led on" : "led off"); }

static void setFan(int duty) {
  if (duty == 13) return running->gateway.refuse(F("the fan is stuck"));
  if (duty == 14) return running->gateway.refuse(F("the fan is stuck, and so is the flap behind it: somebody should look at both today"));
  running->runs("fan " + std::to_string(duty));
}

static void setMode(const char* mode) { running->runs(std::string("mode ") + mode); }

static void say(const char* text) {
  running->runs(std::string("say ") + text);
  running->gateway.reply(F("said"));
}

Board::Board() {
  running = this;
  gateway.begin(F("greenhouse"));
  gateway.reading(F("temperature °C"));
  gateway.reading(F("light"));
  gateway.on(F("led"), setLed);
  gateway.on(F("fan 0..255"), setFan);
  gateway.on(F("mode auto|manual"), setMode);
  gateway.on(F("say 20"), say);
}

Board::~Board() { running = nullptr; }

void Board::work() {
  running = this;
  auto progress = [this] {
    return std::make_tuple(happened.size(), printed_.size(), port.coming.size());
  };
  auto before = progress();
  do {
    before = progress();
    gateway.loop();
    recordLines();
  } while (progress() != before);
}

void Board::recordLines() {
  printed_ += port.sent;
  port.sent.clear();
  for (size_t end; (end = printed_.find("\r\n")) != std::string::npos;) {
    happened.push_back("from " + printed_.substr(0, end));
    printed_.erase(0, end + 2);
  }
}

void Board::runs(const std::string& what) {
  recordLines();
  happened.push_back("runs " + what);
}

std::vector<std::string> Board::take() {
  std::vector<std::string> all;
  all.swap(happened);
  return all;
}

std::string summed(const std::string& line) {
  char tail[8];
  snprintf(tail, sizeof tail, " ~%04X", serialgateway::sum(line.data(), line.size()));
  return line + tail;
}
