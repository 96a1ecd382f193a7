#include "Text.h"

#ifdef SERIAL_GATEWAY_TEXT_TAGGED
// Reads the byte at Z into its low half, r30.
asm(".pushsection .text.serialgateway_first,\"ax\",@progbits\n"
    ".global serialgateway_first\n"
    "serialgateway_first:\n"
    "  sbrc r31, 7\n"
    "  rjmp 1f\n"
    "  lpm r30, Z\n"
    "  ret\n"
    "1:\n"
    "  andi r31, 0x7f\n"
    "  ld r30, Z\n"
    "  ret\n"
    ".popsection");
#endif

namespace serialgateway {

uint8_t lengthUntil(Text text, char stop) {
  uint8_t n = 0;
  for (char byte; (byte = text[n]) && byte != stop;) n++;
  return n;
}

bool isWord(Text text, char stop, const char* word) {
  for (uint8_t i = 0;; i++) {
    char byte = text[i];
    if (!byte || byte == stop) return word[i] == '\0';
    if (byte != word[i]) return false;  // so a shorter word ends it too
  }
}

}  // namespace serialgateway
