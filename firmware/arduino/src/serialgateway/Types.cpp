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
  uint8_t n = indexOf(F("off|on|false|true|0|1"), value);
  if (n == kNone) return false;
  reinterpret_cast<BoolHandler>(command.handler)(n & 1);
  return true;
}

// Reports whether a value stays what it is as another type.
template <typename Handled, typename Signed>
struct Fits {
  static bool in(Signed value) {
    Handled handled = static_cast<Handled>(value);
    return static_cast<Signed>(handled) == value && (handled < Handled(1)) == (value < 1);
  }
};
template <typename Same>
struct Fits<Same, Same> {
  static bool in(Same) { return true; }
};

// Takes a number within its bounds. If these cannot be read, or do not fit the type that
// the handler takes, it takes nothing.
template <typename Signed, typename Unsigned, typename Handled = Signed>
static bool number(const Part& command, char* value, LineWriter& line, Text widest) {
  Text bounds = command.bounds();
  if (!bounds) bounds = widest;
  Number<Signed> least = parse<Signed, Unsigned>(bounds);
  if (!least.length || bounds[least.length] != '.') return false;
  Text upper = bounds.from(least.length + 2);
  Number<Signed> most = parse<Signed, Unsigned>(upper);
  if (!most.length || upper[most.length]) return false;
  typedef Fits<Handled, Signed> FitsHandler;
  if (!FitsHandler::in(least.value) || !FitsHandler::in(most.value)) return false;
  if (!value) {
    line.text(F("int "));
    line.text(bounds);
    return true;
  }
  Number<Signed> number = parse<Signed, Unsigned>(Text::at(value));
  if (!number.length || value[number.length]) return false;
  if (number.value < least.value || number.value > most.value) return false;
  reinterpret_cast<void (*)(Handled)>(command.handler)(static_cast<Handled>(number.value));
  return true;
}

bool intType(const Part& command, char* value, LineWriter& line) {
  Text widest = sizeof(int) == 2 ? F("-32768..32767") : F("-2147483648..2147483647");
  return number<int, unsigned>(command, value, line, widest);
}

bool longType(const Part& command, char* value, LineWriter& line) {
  return number<long, unsigned long>(command, value, line, F("-2147483648..2147483647"));
}

bool byteType(const Part& command, char* value, LineWriter& line) {
  return number<int, unsigned, uint8_t>(command, value, line, F("0..255"));
}

bool unsignedType(const Part& command, char* value, LineWriter& line) {
  Text widest = sizeof(unsigned) == 2 ? F("0..65535") : F("0..2147483647");
  return number<long, unsigned long, unsigned>(command, value, line, widest);
}

bool unsignedLongType(const Part& command, char* value, LineWriter& line) {
  return number<long, unsigned long, unsigned long>(command, value, line, F("0..2147483647"));
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
  if (words ? indexOf(bounds, value) == kNone : strlen(value) > length(bounds)) return false;
  reinterpret_cast<TextHandler>(command.handler)(value);
  return true;
}

}  // namespace serialgateway
