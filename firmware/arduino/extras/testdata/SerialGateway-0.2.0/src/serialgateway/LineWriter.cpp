#include "LineWriter.h"

namespace serialgateway {

NOT_INLINE void LineWriter::begin() {
  if (state_ == kSending) return;
  state_ = kBuilding;
  length_ = 0;
}

size_t LineWriter::write(uint8_t byte) {
  bool structural = byte < ' ' || byte == 0x7f || byte == ',';
  append(structural ? '_' : static_cast<char>(byte));
  return 1;
}

void LineWriter::name(Text name) {
  if (length_ > 0) append(',');
  text(name);
  append('=');
}

void LineWriter::name(const char* name) {
  if (length_ > 0) append(',');
  print(name);
  append('=');
}

void LineWriter::text(Text text, char stop) {
  for (char byte; (byte = at(text, 0)) && byte != stop; text = from(text, 1)) append(byte);
}

void LineWriter::append(char byte) {
  if (state_ != kBuilding) return;
  if (length_ == size_ - kTail) {
    state_ = kOverlong;
    return;
  }
  put(byte);
}

bool LineWriter::end(Print& port) {
  if (state_ == kOverlong) state_ = kIdle;
  if (state_ != kBuilding) return false;
  uint16_t check = sum(buffer_, length_);
  put(' ');
  put('~');
  for (uint8_t i = 0; i < 4; i++, check <<= 4) put(firstDigit(check));
  put('\r');
  put('\n');
  sent_ = 0;
  state_ = kSending;
  send(port);
  return true;
}

NOT_INLINE void LineWriter::send(Print& port) {
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
  if (bytes > UINT8_MAX) bytes = UINT8_MAX;
  if (bytes > most_) most_ = bytes;
  if (most_ == 0) return UINT8_MAX;
  return bytes > 0 ? bytes : 0;
}

}  // namespace serialgateway
