#ifndef SERIAL_GATEWAY_TEXT_H
#define SERIAL_GATEWAY_TEXT_H

#include <Arduino.h>

// The compiler would take a function apart to where it is called, thinking that
// it gets smaller. On an AVR it gets larger.
#define NOT_INLINE __attribute__((noinline))

namespace serialgateway {

// Text is a text of the sketch's own, F("text"), which lies in flash and takes
// no RAM. A piece of one is a Text too; a null pointer is none.
typedef const __FlashStringHelper* Text;

inline char at(Text text, uint8_t i) {
  return static_cast<char>(pgm_read_byte(reinterpret_cast<const char*>(text) + i));
}

// What is left behind the first n bytes.
inline Text from(Text text, uint8_t n) {
  return reinterpret_cast<Text>(reinterpret_cast<const char*>(text) + n);
}

// The length of what stands before the first stop, or of all of it.
uint8_t lengthUntil(Text text, char stop);

// Whether what stands before the first stop, or all of it, is word.
bool isWord(Text text, char stop, const char* word);

}  // namespace serialgateway

#endif
