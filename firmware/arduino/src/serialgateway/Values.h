#ifndef SERIAL_GATEWAY_VALUES_H
#define SERIAL_GATEWAY_VALUES_H

#include "Text.h"

namespace serialgateway {

// Reads a decimal number with an optional sign, as the type that Unsigned makes
// with a sign, and returns how many bytes it has; 0 if text does not begin with
// a number, or it is too large.
template <typename Signed, typename Unsigned>
SERIAL_GATEWAY_NOINLINE uint8_t parse(Text text, Signed& value) {
  const Unsigned most = static_cast<Unsigned>(~Unsigned(0)) >> 1;
  char sign = text[0];
  bool negative = sign == '-';
  uint8_t start = negative || sign == '+';
  uint8_t n = start;
  Unsigned magnitude = 0;
  for (;; n++) {
    uint8_t digit = static_cast<uint8_t>(text[n] - '0');
    if (digit > 9) break;
    if (magnitude > most / 10) return 0;
    magnitude = magnitude * 10 + digit;
  }
  if (n == start || magnitude > most + negative) return 0;
  value = static_cast<Signed>(negative ? 0 - magnitude : magnitude);
  return n;
}

// Reports whether value is one of those in "auto|manual".
bool isOneOf(Text values, const char* value);

}  // namespace serialgateway

#endif
