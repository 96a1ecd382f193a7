#include "Values.h"

#include <limits.h>
#include <string.h>

namespace serialgateway {

static bool isOneOf(const char* text, const char* a, const char* b, const char* c) {
  return strcasecmp(text, a) == 0 || strcasecmp(text, b) == 0 || strcmp(text, c) == 0;
}

bool parseBool(const char* text, bool& value) {
  value = isOneOf(text, "on", "true", "1");
  return value || isOneOf(text, "off", "false", "0");
}

// Counts downwards, since there is one negative number more.
static bool parseNegative(const char* digits, long& value) {
  value = 0;
  do {
    if (*digits < '0' || *digits > '9') return false;
    int digit = *digits - '0';
    if (value < (LONG_MIN + digit) / 10) return false;
    value = value * 10 - digit;
  } while (*++digits);
  return true;
}

bool parseInteger(const char* text, long least, long most, long& value) {
  bool negative = *text == '-';
  if (*text == '-' || *text == '+') text++;
  if (!parseNegative(text, value)) return false;
  if (!negative) {
    if (value == LONG_MIN) return false;
    value = -value;
  }
  return value >= least && value <= most;
}

}  // namespace serialgateway
