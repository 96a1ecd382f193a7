// The types of commands: see Part::Type.
#include <string.h>

#include "Parts.h"
#include "Values.h"

namespace serialgateway {

static bool isDigit(char byte) { return static_cast<uint8_t>(byte - '0') <= 9; }

// Takes letters of any case. A digit already has the bit of lower case set.
bool boolType(const Part& command, char* value, LineWriter& line) {
  if (!value) {
    line.text(F("bool"));
    return true;
  }
  for (char* c = value; *c; c++) *c |= 0x20;
  bool on = isOneOf(F("on|true|1"), value);
  if (!on && !isOneOf(F("off|false|0"), value)) return false;
  reinterpret_cast<BoolHandler>(command.handler)(on);
  return true;
}

// If the bounds cannot be read, no value is taken.
template <typename Signed, typename Unsigned>
static bool number(const Part& command, char* value, LineWriter& line, Text widest) {
  Text bounds = command.bounds();
  if (!bounds) bounds = widest;
  if (!value) {
    line.text(F("int "));
    line.text(bounds);
    return true;
  }
  Signed least, most, number;
  uint8_t n = parse<Signed, Unsigned>(bounds, least);
  if (!n || bounds[n] != '.' || !parse<Signed, Unsigned>(bounds.from(n + 2), most)) return false;
  n = parse<Signed, Unsigned>(value, number);
  if (!n || value[n] || number < least || number > most) return false;
  reinterpret_cast<void (*)(Signed)>(command.handler)(number);
  return true;
}

bool intType(const Part& command, char* value, LineWriter& line) {
  Text widest = sizeof(int) == 2 ? F("-32768..32767") : F("-2147483648..2147483647");
  return number<int, unsigned>(command, value, line, widest);
}

bool longType(const Part& command, char* value, LineWriter& line) {
  return number<long, unsigned long>(command, value, line, F("-2147483648..2147483647"));
}

static uint8_t length(Text digits) {
  uint8_t length = 0;
  for (; isDigit(digits[0]); digits = digits.from(1)) length = length * 10 + (digits[0] - '0');
  return length;
}

// Takes a text of so many bytes, or one of several words.
bool textType(const Part& command, char* value, LineWriter& line) {
  Text bounds = command.bounds();
  if (!bounds) bounds = F("32");
  bool words = bounds[lengthUntil(bounds, '|')];
  if (!value) {
    line.text(words ? F("enum ") : F("text "));
    line.text(bounds);
    return true;
  }
  if (words ? !isOneOf(bounds, value) : strlen(value) > length(bounds)) return false;
  reinterpret_cast<TextHandler>(command.handler)(value);
  return true;
}

}  // namespace serialgateway
