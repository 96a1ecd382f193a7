#include "Values.h"

namespace serialgateway {

bool isOneOf(Text values, const char* value) {
  for (;;) {
    if (isWord(values, '|', value)) return true;
    uint8_t n = lengthUntil(values, '|');
    if (!values[n]) return false;
    values = values.from(n + 1);
  }
}

}  // namespace serialgateway
