#ifndef SERIAL_GATEWAY_PARTS_H
#define SERIAL_GATEWAY_PARTS_H

#include "LineWriter.h"
#include "Text.h"

namespace serialgateway {

// The kinds of handlers, by the type of the value.
typedef void (*BoolHandler)(bool);
typedef void (*IntHandler)(int);
typedef void (*LongHandler)(long);
typedef void (*TextHandler)(const char*);
typedef void (*ByteHandler)(uint8_t);
typedef void (*UnsignedHandler)(unsigned);
typedef void (*UnsignedLongHandler)(unsigned long);

// Part is one line of the hello: a reading, or a command with its handler.
struct Part {
  // A Type calls the handler with a value, or returns false if the command does not
  // take that value. Without a value (a null pointer) it writes what the command
  // takes, as in the hello: "int 0..255". Each type is a function, so that a type
  // that the sketch does not use takes no flash.
  typedef bool (*Type)(const Part& command, char* value, LineWriter& line);
  typedef void (*Handler)();  // cast from the kind that belongs to the type

  Text spec;  // "temperature °C"; "fan 0..255", "mode auto|manual", "say 20", or a name alone
  Type type;  // a null pointer for a reading
  Handler handler;  // a null pointer for a reading, and for a command that is not described

  // Returns what follows the name in the spec, or none.
  Text bounds() const;
};

bool boolType(const Part& command, char* value, LineWriter& line);
bool intType(const Part& command, char* value, LineWriter& line);
bool longType(const Part& command, char* value, LineWriter& line);
bool textType(const Part& command, char* value, LineWriter& line);
bool byteType(const Part& command, char* value, LineWriter& line);
bool unsignedType(const Part& command, char* value, LineWriter& line);
bool unsignedLongType(const Part& command, char* value, LineWriter& line);

// Named is the type Plain for a handler that also gets the command's name, so that one
// handler serves several commands. The name stands before the value in the line.
template <typename Value, Part::Type Plain>
struct Named {
  typedef void (*Handler)(const char* name, Value value);

  static bool type(const Part& command, char* value, LineWriter& line) {
    Part plain = command;
    plain.handler = reinterpret_cast<Part::Handler>(keep);
    if (!Plain(plain, value, line)) return false;
    if (!value) return true;
    const char* name = value - 1 - lengthUntil(command.spec, ' ');
    reinterpret_cast<Handler>(command.handler)(name, kept());
    return true;
  }

 private:
  static void keep(Value value) { kept() = value; }
  static Value& kept() {
    static Value value;
    return value;
  }
};

// Parts holds the parts of a sketch, in the order in which it described them. There is
// no room before use().
class Parts {
 public:
  void use(Part* parts, uint8_t room) {
    parts_ = parts;
    room_ = room;
  }

  // Returns a null pointer if there is no room.
  Part* add(Text spec, Part::Type type, Part::Handler handler);

  // Returns the command with that name, or a null pointer.
  const Part* find(const char* name) const;

  uint8_t size() const { return used_; }
  const Part& operator[](uint8_t i) const { return parts_[i]; }

 private:
  Part* parts_;
  uint8_t room_;
  uint8_t used_;
};

}  // namespace serialgateway

#endif
