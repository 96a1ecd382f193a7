#ifndef SERIAL_GATEWAY_PARTS_H
#define SERIAL_GATEWAY_PARTS_H

#include "LineWriter.h"
#include "Text.h"

namespace serialgateway {

// A handler may be told of a value in one of these ways.
typedef void (*BoolHandler)(bool);
typedef void (*IntHandler)(int);
typedef void (*LongHandler)(long);
typedef void (*TextHandler)(const char*);

// Part is a line of the hello: a reading, or a command with its handler.
struct Part {
  // A type knows its values. With one it calls the handler, or gives false:
  // the value is none of its own. Without (a null pointer) it writes what it
  // takes, as a hello says it: "int 0..255". Being functions, types that a
  // sketch does not use take no flash.
  typedef bool (*Type)(const Part& command, char* value, LineWriter& line);
  typedef void (*Handler)();  // in truth that of its type

  Text spec;  // "temperature °C"; "fan 0..255", "mode auto|manual", "say 20"; or a name alone
  Type type;  // a null pointer: it is a reading
  Handler handler;

  // What stands behind the name in the spec; a null pointer: nothing does.
  Text bounds() const;
};

bool boolType(const Part& command, char* value, LineWriter& line);
bool intType(const Part& command, char* value, LineWriter& line);
bool longType(const Part& command, char* value, LineWriter& line);
bool textType(const Part& command, char* value, LineWriter& line);

// Parts are those of a sketch, in the order in which it told of them. As it
// begins, there is no room.
class Parts {
 public:
  void use(Part* parts, uint8_t room) {
    parts_ = parts;
    room_ = room;
  }

  // False: there is no room.
  bool add(Text spec, Part::Type type, Part::Handler handler);

  // Gives the command of that name, or a null pointer.
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
