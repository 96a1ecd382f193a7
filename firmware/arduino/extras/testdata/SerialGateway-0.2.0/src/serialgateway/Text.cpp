#include "Text.h"

namespace serialgateway {

uint8_t lengthUntil(Text text, char stop) {
  uint8_t n = 0;
  while (at(text, n) && at(text, n) != stop) n++;
  return n;
}

bool isWord(Text text, char stop, const char* word) {
  uint8_t n = lengthUntil(text, stop);
  for (uint8_t i = 0; i < n; i++) {
    if (word[i] != at(text, i)) return false;  // so a shorter word ends it too
  }
  return word[n] == '\0';
}

}  // namespace serialgateway
