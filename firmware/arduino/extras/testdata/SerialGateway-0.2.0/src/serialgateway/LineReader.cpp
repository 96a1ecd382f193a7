#include "LineReader.h"

namespace serialgateway {

uint8_t LineReader::take(char byte) {
  if (byte != '\n' && byte != '\r') {
    if (length_ < kSize) buffer_[length_++] = byte;
    return 0;
  }
  uint8_t length = length_;
  length_ = 0;
  if (length == kSize) return kOverlong;
  buffer_[length] = '\0';
  return length;
}

}  // namespace serialgateway
