// What a Gateway makes of the lines that come; docs/protocol.md gives the rules.
#include <string.h>

#include "Gateway.h"
#include "Values.h"

namespace serialgateway {

// Takes the line that the reader has, unless its length is 0.
void Gateway::hear(uint8_t length) {
  if (length == 0) return;
  char* line = reader_.line();
  SumState sum = length == LineReader::kOverlong ? kWrongSum : cutSum(line, length);
  if (sum == kWrongSum) return again(F("damaged"));
  bool question = line[0] == '?';
  bool numbered = line[0] == '#';
  if (sum == kNoSum && question && !line[1]) return hearPerson();
  if (sum == kNoSum && (question || numbered || session_.next())) return again(F("no checksum"));
  if (question) return hearQuestion(line + 1);
  if (numbered) return hearCommand(line + 1);
  if (session_.next()) return notNext();
  run(line);
}

// Somebody types, and wants to type commands without numbers.
void Gateway::hearPerson() {
  session_.end();
  hello_ = 0;
}

void Gateway::hearQuestion(const char* id) {
  if (!session_.begin(id)) {
    hello_ = 0;
    return;
  }
  other_.kind = Reply::kState;
  answer_ = &other_;
}

// Reads "5 led=on", behind the number sign.
void Gateway::hearCommand(char* line) {
  int number;
  char* end = const_cast<char*>(parse<int, unsigned>(line, number));
  if (!end || *end != ' ' || number < 1 || number > INT16_MAX) number = 0;
  if (session_.remembers(number)) {
    number_ = number;
    answer_ = &session_.reply(number);
  } else if (number && static_cast<unsigned>(number) == session_.next()) {
    run(end + 1);
  } else {
    notNext();
  }
}

void Gateway::notNext() { again(session_.next() ? F("not the next") : F("no session")); }

// Counts the command before it runs: whatever happens meanwhile, it does not
// run again. A handler may wait, and other lines be said.
NOT_INLINE void Gateway::run(char* command) {
  uint16_t number = session_.next();
  running_ = &session_.take();
  obey(command);
  answer_ = running_;
  number_ = number;
  running_ = nullptr;
}

void Gateway::obey(char* command) {
  char* value = strchr(command, '=');
  const Part* found = nullptr;
  if (value) {
    *value++ = '\0';
    found = parts_.find(command);
  }
  if (!found) return refuse(F("no such command"));
  if (found->type(*found, value, writer_)) return;
  running_->kind = Reply::kTakes;
  running_->command = found;
}

void Gateway::say(Reply::Kind kind, Text text) {
  if (!running_) return;
  running_->kind = kind;
  running_->text = text;
}

NOT_INLINE void Gateway::again(Text reason) {
  other_.kind = Reply::kAgain;
  other_.text = reason;
  number_ = session_.next();
  answer_ = &other_;
}

}  // namespace serialgateway
