#include "Values.h"

namespace serialgateway {

uint8_t indexOf(Text values, const char* value) {
  for (uint8_t i = 0;; i++) {
    if (isWord(values, '|', value)) return i;
    uint8_t n = lengthUntil(values, '|');
    if (!values[n]) return kNone;
    values = values.from(n + 1);
  }
}

}  // namespace serialgateway
