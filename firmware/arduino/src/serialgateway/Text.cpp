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

bool isDescription(Text text, uint8_t room, char also) {
  bool name = true;
  for (; char byte = text[0]; text = text.from(1)) {
    if (room-- == 0) return false;
    if (byte == ' ' && also != '-') name = false;
    bool digit = static_cast<uint8_t>(byte - '0') <= 9;
    bool letter = static_cast<uint8_t>(byte - 'a') <= 'z' - 'a';
    if (name && !digit && !letter && byte != '_' && byte != also) return false;
  }
  return true;
}

bool isWord(Text text, char stop, const char* word) {
  for (;; word++) {
    char byte = text[0];
    if (!byte || byte == stop) return *word == '\0';
    if (byte != *word) return false;  // so a shorter word ends it too
    text = text.from(1);
  }
}

}  // namespace serialgateway
