#ifndef SERIAL_GATEWAY_LINE_READER_H
#define SERIAL_GATEWAY_LINE_READER_H

#include <stdint.h>

namespace serialgateway {

// LineReader collects bytes into lines. LF, CR and CR LF end a line; empty lines are
// skipped. An overlong line is discarded to its end, because its beginning might be
// another command.
class LineReader {
 public:
  enum { kOverlong = 255 };

  // Takes one byte. Returns the length of the line that it ends, 0 if it does not end
  // one, or kOverlong.
  uint8_t take(char byte);

  // Reports whether no line has begun.
  bool isEmpty() const { return length_ == 0; }

  // Returns that line, with a '\0' at its end. It is valid, and may be changed, until
  // the next byte is taken.
  char* line() { return buffer_; }

 private:
  enum { kSize = 63 };  // one more than the longest line

  uint8_t length_ = 0;  // kSize: overlong
  char buffer_[kSize];
};

}  // namespace serialgateway

#endif
