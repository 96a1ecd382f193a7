#ifndef SERIAL_GATEWAY_VALUES_H
#define SERIAL_GATEWAY_VALUES_H

#include "Text.h"

namespace serialgateway {

enum { kNone = 255 };

// Number is a number that was read, and how many bytes it has; 0 if there is none, or it
// is too large.
template <typename Signed>
struct Number {
  Signed value;
  uint8_t length;
};

// Reads a decimal number with an optional sign, as the type that Unsigned makes with a
// sign.
template <typename Signed, typename Unsigned>
SERIAL_GATEWAY_NOINLINE Number<Signed> parse(Text text) {
  const Unsigned most = static_cast<Unsigned>(~Unsigned(0)) >> 1;
  char sign = text[0];
  bool negative = sign == '-';
  uint8_t start = negative || sign == '+';
  uint8_t n = start;
  Unsigned magnitude = 0;
  for (;; n++) {
    uint8_t digit = static_cast<uint8_t>(text[n] - '0');
    if (digit > 9) break;
    if (magnitude > most / 10) return {0, 0};
    magnitude = magnitude * 10 + digit;
  }
  if (n == start || magnitude > most + negative) n = 0;
  return {static_cast<Signed>(negative ? 0 - magnitude : magnitude), n};
}

// Returns the place of a value in "auto|manual", from 0, or kNone.
uint8_t indexOf(Text values, const char* value);

}  // namespace serialgateway

#endif
