#include "LineWriter.h"

namespace serialgateway {

// A port that takes nothing for so many ms stands still. A byte takes 33 ms at 300 baud.
static const uint16_t kPatience = 100;

SERIAL_GATEWAY_NOINLINE unsigned long clock() { return millis(); }

SERIAL_GATEWAY_NOINLINE bool LineWriter::begin() {
  bool lost = state_ == kSending;
  if (!lost) moved_ = static_cast<uint16_t>(clock());
  if (sent_ != kHead) sent_ = 0;
  buffer_[0] = '\n';
  length_ = kHead;
  state_ = kBuilding;
  return lost;
}

size_t LineWriter::write(uint8_t byte) {
  bool structural = byte < ' ' || byte == 0x7f || byte == ',';
  append(structural ? '_' : static_cast<char>(byte));
  return 1;
}

void LineWriter::name(Text name) {
  if (length_ > kHead) append(',');
  text(name);
  append('=');
}

void LineWriter::name(const char* name) {
  if (length_ > kHead) append(',');
  print(name);
  append('=');
}

void LineWriter::text(Text text, char stop) {
  for (char byte; (byte = text[0]) && byte != stop; text = text.from(1)) append(byte);
}

void LineWriter::append(char byte) {
  if (state_ != kBuilding) return;
  if (length_ == limit_) {
    state_ = kOverlong;
    return;
  }
  buffer_[length_++] = byte;
}

void LineWriter::cut() {
  if (state_ != kOverlong) return;
  while (buffer_[--length_] != ' ') continue;
  state_ = kBuilding;
}

bool LineWriter::end(Print& port) {
  State state = state_;
  if (state == kOverlong) state_ = kIdle;
  if (state != kBuilding) return false;
  uint16_t check = sum(buffer_ + kHead, length_ - kHead);
  char* at = buffer_ + length_;
  *at++ = ' ';
  *at++ = '~';
  for (uint8_t i = 0; i < 4; i++, check <<= 4) *at++ = firstDigit(check);
  *at++ = '\r';
  *at = '\n';
  length_ += kTail;
  state_ = kSending;
  send(port);
  return true;
}

// Returns 0 for a Print without availableForWrite, as the core of the Due has it.
template <typename Port>
static auto roomOf(Port& port, int) -> decltype(port.availableForWrite()) {
  return port.availableForWrite();
}
template <typename Port>
static int roomOf(Port&, long) {
  return 0;
}

// A port that never reported any room cannot report it (SoftwareSerial). It is written
// to, and waits as print does. Only what the port took is sent: a port may take less than its room, or nothing, or
// return -1.
SERIAL_GATEWAY_NOINLINE bool LineWriter::send(Print& port) {
  if (state_ != kSending) return false;
  int room = roomOf(port, 0);
  if (room > 0) reports_ = true;
  uint8_t now = length_ - sent_;
  if (reports_ && room < now) now = room > 0 ? static_cast<uint8_t>(room) : 0;
  if (now > 0) {
    size_t took = port.write(reinterpret_cast<const uint8_t*>(buffer_) + sent_, now);
    if (took > now) took = 0;
    sent_ += static_cast<uint8_t>(took);
    if (took > 0) moved_ = static_cast<uint16_t>(clock());
    if (sent_ == length_) {
      sent_ = kHead;
      state_ = kIdle;
      return false;
    }
  }
  return silence() < kPatience;
}

}  // namespace serialgateway
