#include "Commands.h"

#include <limits.h>
#include <string.h>

#include "Values.h"

namespace serialgateway {

bool Command::run(const char* value) const {
  bool on;
  long number;
  switch (kind) {
    case kBool:
      if (!parseBool(value, on)) return false;
      onBool(on);
      return true;
    case kInt:
      if (!parseInteger(value, INT_MIN, INT_MAX, number)) return false;
      onInt(static_cast<int>(number));
      return true;
    case kLong:
      if (!parseInteger(value, LONG_MIN, LONG_MAX, number)) return false;
      onLong(number);
      return true;
    case kText:
      onText(value);
      return true;
  }
  return false;
}

bool Commands::on(const char* name, BoolHandler handler) {
  Command* command = place(name, Command::kBool);
  if (command) command->onBool = handler;
  return command;
}

bool Commands::on(const char* name, IntHandler handler) {
  Command* command = place(name, Command::kInt);
  if (command) command->onInt = handler;
  return command;
}

bool Commands::on(const char* name, LongHandler handler) {
  Command* command = place(name, Command::kLong);
  if (command) command->onLong = handler;
  return command;
}

bool Commands::on(const char* name, TextHandler handler) {
  Command* command = place(name, Command::kText);
  if (command) command->onText = handler;
  return command;
}

Command* Commands::find(const char* name) {
  for (uint8_t i = 0; i < used_; i++) {
    if (strcmp(commands_[i].name, name) == 0) return &commands_[i];
  }
  return nullptr;
}

Command* Commands::place(const char* name, Command::Kind kind) {
  Command* command = find(name);
  if (!command) {
    if (used_ == room_) return nullptr;
    command = &commands_[used_++];
  }
  command->name = name;
  command->kind = kind;
  return command;
}

void Commands::obey(char* line) {
  char* equals = strchr(line, '=');
  if (equals) *equals = '\0';
  const Command* command = equals ? find(line) : nullptr;
  if (!command) {
    counts_.unknown++;
  } else if (!command->run(equals + 1)) {
    counts_.refused++;
  }
}

}  // namespace serialgateway
