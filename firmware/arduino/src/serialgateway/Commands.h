#ifndef SERIAL_GATEWAY_COMMANDS_H
#define SERIAL_GATEWAY_COMMANDS_H

#include <stdint.h>

#include "Counts.h"

namespace serialgateway {

// A handler may be told of a value in one of these ways.
typedef void (*BoolHandler)(bool);
typedef void (*IntHandler)(int);
typedef void (*LongHandler)(long);
typedef void (*TextHandler)(const char*);

// Command is a name and its handler. It has no constructor: a gateway keeps
// an array of them whose first few are in use.
struct Command {
  enum Kind : uint8_t { kBool, kInt, kLong, kText };

  const char* name;
  Kind kind;
  union {
    BoolHandler onBool;
    IntHandler onInt;
    LongHandler onLong;
    TextHandler onText;
  };

  // False: the value is of another kind, and nothing was called.
  bool run(const char* value) const;
};

// Commands finds the handler for a line.
class Commands {
 public:
  Commands(Command* commands, uint8_t room, Counts& counts)
      : commands_(commands), room_(room), counts_(counts) {}

  // False: there is no room.
  bool on(const char* name, BoolHandler handler);
  bool on(const char* name, IntHandler handler);
  bool on(const char* name, LongHandler handler);
  bool on(const char* name, TextHandler handler);

  // Obeys NAME=VALUE, or counts why not. Cuts the line in two.
  void obey(char* line);

 private:
  Command* find(const char* name);
  Command* place(const char* name, Command::Kind kind);

  Command* commands_;
  uint8_t room_;
  uint8_t used_ = 0;
  Counts& counts_;
};

}  // namespace serialgateway

#endif
