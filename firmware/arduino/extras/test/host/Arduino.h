// Replaces the Arduino core when the library is built for this machine. It has only
// what the library uses:
//
//   Print, Stream     the interfaces, with print() for the types that tests
//                     print; numbers look as on a board
//   F(), pgm_read_byte  flash, as on an AVR: a type of its own, and an address that
//                     only pgm_read_byte can read
//   millis, yield     a clock that only yield moves, see clock.h
//
// There is no Serial: a test passes a FakePort to the library.
#ifndef HOST_ARDUINO_H
#define HOST_ARDUINO_H

#include <stddef.h>
#include <stdint.h>

class __FlashStringHelper;

// Turns an address of flash into one of RAM, and back. With PAIRED no memory has the
// address of flash: to read it as RAM ends the test.
inline const char* otherMemory(const char* at) {
#ifdef SERIAL_GATEWAY_TEXT_PAIRED
  return reinterpret_cast<const char*>(reinterpret_cast<uintptr_t>(at) ^ (uintptr_t(1) << 62));
#else
  return at;
#endif
}

#define F(text) (reinterpret_cast<const __FlashStringHelper*>(otherMemory(text)))

inline uint8_t pgm_read_byte(const char* at) { return static_cast<uint8_t>(*otherMemory(at)); }

class Print {
 public:
  virtual ~Print() {}
  virtual size_t write(uint8_t byte) = 0;
  virtual size_t write(const uint8_t* bytes, size_t n);
#ifndef HOST_DUE
  virtual int availableForWrite() { return 0; }
#endif
  virtual void flush() {}

  size_t print(const char* text);
  size_t print(const __FlashStringHelper* text);
  size_t print(int value);
  size_t print(unsigned value);
  size_t print(long value);
  size_t print(double value, int digits = 2);
};

class Stream : public Print {
 public:
  virtual int available() = 0;
  virtual int read() = 0;
  virtual int peek() = 0;
};

unsigned long millis();
void yield();

#endif
