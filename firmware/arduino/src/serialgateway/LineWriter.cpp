#include "LineWriter.h"

namespace serialgateway {

static const uint8_t kEnding = 2;  // CR LF, as println writes

void LineWriter::begin() {
  if (state_ == kSending) return;
  state_ = kBuilding;
  length_ = 0;
}

size_t LineWriter::write(uint8_t byte) {
  bool structural = byte < ' ' || byte == 0x7f || byte == ',';
  append(structural ? '_' : static_cast<char>(byte));
  return 1;
}

void LineWriter::append(char byte) {
  if (state_ != kBuilding) return;
  if (length_ == size_ - kEnding) {
    state_ = kOverlong;
    return;
  }
  buffer_[length_++] = byte;
}

bool LineWriter::end(Print& port) {
  if (state_ != kBuilding) return drop();
  buffer_[length_++] = '\r';
  buffer_[length_++] = '\n';
  sent_ = 0;
  state_ = kSending;
  send(port);
  return true;
}

bool LineWriter::drop() {
  counts_.dropped++;
  if (state_ == kOverlong) state_ = kIdle;
  return false;
}

void LineWriter::send(Print& port) {
  if (state_ != kSending) return;
  uint8_t left = length_ - sent_;
  uint8_t now = room(port);
  if (now > left) now = left;
  if (now == 0) return;
  sent_ += port.write(reinterpret_cast<const uint8_t*>(buffer_) + sent_, now);
  if (sent_ == length_) state_ = kIdle;
}

// A port that has never told of any room can't tell (SoftwareSerial): then
// there is nothing for it but to write, and to wait as print would.
uint8_t LineWriter::room(Print& port) {
  int bytes = port.availableForWrite();
  if (bytes > 0) tellsRoom_ = true;
  if (!tellsRoom_ || bytes > UINT8_MAX) return UINT8_MAX;
  return bytes > 0 ? bytes : 0;
}

}  // namespace serialgateway
