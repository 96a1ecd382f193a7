// Stands for the Arduino core when the library is built for this machine. It
// replaces just what the library uses:
//
//   Print, Stream     the interfaces, with print() for the types that tests
//                     print; numbers look as on a board
//   F(), pgm_read_byte  a type of its own, as on AVR; the text stays in RAM
//   millis, yield     a clock that stands still but for yield, see clock.h
//
// There is no Serial: a test gives the library a FakePort.
#ifndef HOST_ARDUINO_H
#define HOST_ARDUINO_H

#include <stddef.h>
#include <stdint.h>

class __FlashStringHelper;
#define F(text) (reinterpret_cast<const __FlashStringHelper*>(text))

inline uint8_t pgm_read_byte(const char* at) { return static_cast<uint8_t>(*at); }

class Print {
 public:
  virtual ~Print() {}
  virtual size_t write(uint8_t byte) = 0;
  virtual size_t write(const uint8_t* bytes, size_t n);
  virtual int availableForWrite() { return 0; }

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
