#ifndef SERIAL_GATEWAY_VALUES_H
#define SERIAL_GATEWAY_VALUES_H

#include "Text.h"

namespace serialgateway {

// Reads a decimal number with an optional sign, as the type that Unsigned makes
// with a sign, and gives what stands behind it; a null pointer: text begins
// with none, or it is too large.
template <typename Signed, typename Unsigned>
NOT_INLINE const char* parse(const char* text, Signed& value) {
  const Unsigned most = static_cast<Unsigned>(~Unsigned(0)) >> 1;
  bool negative = *text == '-';
  if (negative || *text == '+') text++;
  const char* start = text;
  Unsigned magnitude = 0;
  for (;; text++) {
    uint8_t digit = static_cast<uint8_t>(*text - '0');
    if (digit > 9) break;
    if (magnitude > most / 10) return nullptr;
    magnitude = magnitude * 10 + digit;
  }
  if (text == start || magnitude > most + negative) return nullptr;
  value = static_cast<Signed>(negative ? 0 - magnitude : magnitude);
  return text;
}

// Whether value is one of those in "auto|manual".
bool isOneOf(Text values, const char* value);

}  // namespace serialgateway

#endif
