// How a Gateway handles the lines that come. docs/protocol.md has the rules.
#include <string.h>

#include "Gateway.h"
#include "Values.h"

namespace serialgateway {

// Handles the line in the reader, unless its length is 0.
void Gateway::handleLine(uint8_t length) {
  if (length == 0) return;
  char* line = reader_.line();
  SumState sum = length == LineReader::kOverlong ? kWrongSum : cutSum(line, length);
  if (sum == kWrongSum) return again(F("damaged"));
  bool question = line[0] == '?';
  bool numbered = line[0] == '#';
  if (sum == kNoSum && question && !line[1]) return handleTypedQuestion();
  if (sum == kNoSum && (question || numbered || session_.next())) return again(F("no checksum"));
  if (question) return handleQuestion(line + 1);
  if (numbered) return handleNumbered(line + 1);
  if (session_.next()) return notNext();
  run(line);
}

// A person types, and wants to type commands without numbers.
void Gateway::handleTypedQuestion() {
  session_.end();
  hello_ = 0;
}

void Gateway::handleQuestion(const char* id) {
  if (!session_.begin(id)) {
    hello_ = 0;
    return;
  }
  other_.kind = Reply::kState;
  answer_ = &other_;
}

// Reads "5 led=on", behind the number sign.
void Gateway::handleNumbered(char* line) {
  Number<int> read = parse<int, unsigned>(Text::at(line));
  line += read.length;
  int number = *line == ' ' && read.value > 0 && read.value <= INT16_MAX ? read.value : 0;
  if (session_.remembers(number)) {
    counts_[kNumber] = number;
    answer_ = &session_.reply(number);
  } else if (number && static_cast<unsigned>(number) == session_.next()) {
    run(line + 1);
  } else {
    notNext();
  }
}

void Gateway::notNext() { again(session_.next() ? F("not the next") : F("no session")); }

// Counts the command before it runs, so that it cannot run again. A handler may wait,
// and print lines.
SERIAL_GATEWAY_NOINLINE void Gateway::run(char* command) {
  uint16_t number = session_.next();
  Reply& mine = session_.take();
  running_ = &mine;
  callHandler(command, mine);
  answer_ = &mine;
  counts_[kNumber] = number;
  running_ = nullptr;
}

void Gateway::callHandler(char* command, Reply& reply) {
  char* value = command;
  while (*value && *value != '=') value++;
  const Part* found = nullptr;
  if (*value) {
    *value++ = '\0';
    found = parts_.find(command);
  }
  if (!found) {
    reply.kind = Reply::kRefused;
    reply.text = F("no such command");
  } else if (!found->type(*found, value, writer_)) {
    reply.kind = Reply::kTakes;
    reply.command = found;
  }
}

void Gateway::answer(Reply::Kind kind, Text text) {
  if (!running_) return;
  running_->kind = kind;
  running_->text = text;
}

SERIAL_GATEWAY_NOINLINE void Gateway::again(Text reason) {
  other_.kind = Reply::kAgain;
  other_.text = reason;
  counts_[kNumber] = session_.next();
  answer_ = &other_;
}

}  // namespace serialgateway
