#ifndef SERIAL_GATEWAY_LINE_READER_H
#define SERIAL_GATEWAY_LINE_READER_H

#include <stdint.h>

namespace serialgateway {

// LineReader makes lines of bytes. LF, CR and CR LF end a line; empty lines
// are passed over. An overlong line is discarded to its end: its beginning
// might be another command.
class LineReader {
 public:
  enum { kOverlong = 255 };

  // Takes one byte. Gives the length of the line that it ends, 0 if it ends
  // none, or kOverlong.
  uint8_t take(char byte);

  // That line, terminated, to be changed at will until the next byte is taken.
  char* line() { return buffer_; }

 private:
  enum { kSize = 63 };  // one more than the longest line has

  char buffer_[kSize];
  uint8_t length_;  // kSize: overlong
};

}  // namespace serialgateway

#endif
