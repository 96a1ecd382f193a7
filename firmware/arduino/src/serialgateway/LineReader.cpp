#include "LineReader.h"

namespace serialgateway {

char* LineReader::take(char byte) {
  if (byte == '\n' || byte == '\r') return finish();
  if (length_ == size_ - 1) {
    discarding_ = true;
    return nullptr;
  }
  buffer_[length_++] = byte;
  return nullptr;
}

char* LineReader::finish() {
  bool whole = length_ > 0 && !discarding_;
  if (discarding_) counts_.overlong++;
  buffer_[length_] = '\0';
  length_ = 0;
  discarding_ = false;
  return whole ? buffer_ : nullptr;
}

}  // namespace serialgateway
