#ifndef SERIAL_GATEWAY_TEXT_H
#define SERIAL_GATEWAY_TEXT_H

#include <Arduino.h>

// Keeps a function out of line. The compiler inlines some of them to save flash;
// on an AVR that costs flash.
#define SERIAL_GATEWAY_NOINLINE __attribute__((noinline))

// An AVR needs another instruction to read flash than to read RAM, so a Text knows
// which of them it points into:
//
//   TAGGED  by the top bit of the address, where no address of the chip needs it
//   PAIRED  by a byte beside the address, on the other AVRs and in the host tests
//
// On all other chips both are read alike.
#if defined(SERIAL_GATEWAY_TEXT_PAIRED)
#elif defined(__AVR__) && __AVR_ARCH__ < 100 && FLASHEND < 0x8000 && \
    (XRAMEND < 0x8000 || defined(__AVR_ATmega32U4__))
#define SERIAL_GATEWAY_TEXT_TAGGED
#elif defined(__AVR__)
#define SERIAL_GATEWAY_TEXT_PAIRED
#endif

namespace serialgateway {

// Text points to a text of the sketch: F("text"), which takes no RAM, or plain
// "text". Text() is none.
class Text {
 public:
  Text() = default;  // no constructor runs, so that State can be zeroed at once
#if defined(SERIAL_GATEWAY_TEXT_TAGGED)
  Text(const __FlashStringHelper* flash) : at_(reinterpret_cast<const char*>(flash)) {}
  Text(const char* ram) : at_(ram ? ram + 0x8000 : nullptr) {}
#elif defined(SERIAL_GATEWAY_TEXT_PAIRED)
  Text(const __FlashStringHelper* flash)
      : at_(reinterpret_cast<const char*>(flash)), inFlash_(true) {}
  Text(const char* ram) : at_(ram), inFlash_(false) {}
#else
  Text(const __FlashStringHelper* flash) : at_(reinterpret_cast<const char*>(flash)) {}
  Text(const char* ram) : at_(ram) {}
#endif

  // Returns the text at an address that is not null.
  static Text at(const char* ram);

  explicit operator bool() const { return at_ != nullptr; }

  // Returns the byte at i, '\0' at the end.
  char operator[](uint8_t i) const { return from(i).first(); }

  // Returns the text without its first n bytes.
  Text from(uint8_t n) const {
    Text rest = *this;
    rest.at_ += n;
    return rest;
  }

 private:
  char first() const;

  const char* at_;
#ifdef SERIAL_GATEWAY_TEXT_PAIRED
  bool inFlash_;
#endif
};

inline Text Text::at(const char* ram) {
#ifdef SERIAL_GATEWAY_TEXT_TAGGED
  Text text;
  text.at_ = ram + 0x8000;
  return text;
#else
  return ram;
#endif
}

// A function in C++ would save its callers' registers, which costs 80 bytes of flash
// over all calls. This call changes the address only (Z), into the byte.
inline char Text::first() const {
#if defined(SERIAL_GATEWAY_TEXT_TAGGED)
  const char* z = at_;
  asm volatile("%~call serialgateway_first" : "+z"(z) : : "memory");
  return static_cast<char>(reinterpret_cast<uint16_t>(z));
#elif defined(SERIAL_GATEWAY_TEXT_PAIRED)
  return inFlash_ ? static_cast<char>(pgm_read_byte(at_)) : *at_;
#else
  return static_cast<char>(pgm_read_byte(at_));
#endif
}

// Returns how many bytes stand before the first stop, or before the end.
uint8_t lengthUntil(Text text, char stop);

// Reports whether a text has at most so many bytes and, up to its first space, only a to
// z, 0 to 9, _ and the byte also. With '-' it has no space either.
bool isDescription(Text text, uint8_t room, char also);

// Reports whether what stands before the first stop, or before the end, is word.
bool isWord(Text text, char stop, const char* word);

}  // namespace serialgateway

#endif
