#include "Values.h"

namespace serialgateway {

bool isOneOf(Text values, const char* value) {
  for (;;) {
    if (isWord(values, '|', value)) return true;
    uint8_t n = lengthUntil(values, '|');
    if (!at(values, n)) return false;
    values = from(values, n + 1);
  }
}

}  // namespace serialgateway
