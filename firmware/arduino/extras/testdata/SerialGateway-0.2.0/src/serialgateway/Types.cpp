// The types of commands: see Part::Type.
#include <string.h>

#include "Parts.h"
#include "Values.h"

namespace serialgateway {

static bool isDigit(char byte) { return static_cast<uint8_t>(byte - '0') <= 9; }

// Letters of any case: a digit has the bit of lower case set already.
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

// Copies a text, or as much of it as there is room for.
static void copy(char* to, uint8_t room, Text text) {
  while (--room && (*to = at(text, 0))) {
    to++;
    text = from(text, 1);
  }
  *to = '\0';
}

// Bounds that can't be read take nothing.
template <typename Signed, typename Unsigned>
static bool number(const Part& command, char* value, LineWriter& line, Text widest) {
  Text bounds = command.bounds();
  if (!bounds) bounds = widest;
  if (!value) {
    line.text(F("int "));
    line.text(bounds);
    return true;
  }
  char range[26];  // the widest are those of 32 bits
  copy(range, sizeof range, bounds);
  Signed least, most, number;
  const char* end = parse<Signed, Unsigned>(range, least);
  if (!end || *end != '.' || !parse<Signed, Unsigned>(end + 2, most)) return false;
  end = parse<Signed, Unsigned>(value, number);
  if (!end || *end || number < least || number > most) return false;
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
  for (; isDigit(at(digits, 0)); digits = from(digits, 1)) length = length * 10 + (at(digits, 0) - '0');
  return length;
}

// A text of so many bytes, or one of several words.
bool textType(const Part& command, char* value, LineWriter& line) {
  Text bounds = command.bounds();
  if (!bounds) bounds = F("32");
  bool words = at(bounds, lengthUntil(bounds, '|'));
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
