#ifndef SERIAL_GATEWAY_LINE_READER_H
#define SERIAL_GATEWAY_LINE_READER_H

#include <stdint.h>

#include "Counts.h"

namespace serialgateway {

// LineReader makes lines of bytes. LF, CR and CR LF end a line; empty lines
// are passed over. An overlong line is discarded to its end and counted: its
// beginning might be another command.
class LineReader {
 public:
  // size is that of the buffer, in bytes, with one for the terminator.
  LineReader(char* buffer, uint8_t size, Counts& counts)
      : buffer_(buffer), size_(size), counts_(counts) {}

  // Takes one byte. Gives the line that it ends, terminated and to be changed
  // at will until the next call; else a null pointer.
  char* take(char byte);

 private:
  char* finish();

  char* buffer_;
  uint8_t size_;
  uint8_t length_ = 0;
  bool discarding_ = false;
  Counts& counts_;
};

}  // namespace serialgateway

#endif
