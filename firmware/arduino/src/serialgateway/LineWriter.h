#ifndef SERIAL_GATEWAY_LINE_WRITER_H
#define SERIAL_GATEWAY_LINE_WRITER_H

#include <Arduino.h>

#include "Sum.h"
#include "Text.h"

namespace serialgateway {

// LineWriter builds a line in memory and sends it whole, with its checksum, as fast
// as the port takes it. It is a Print, so that values look as Serial.print prints
// them.
class LineWriter : public Print {
 public:
  // size is that of the buffer in bytes. The last kTail of them are for the checksum
  // and the line ending.
  LineWriter(char* buffer, uint8_t size) : buffer_(buffer), size_(size) {}
  enum { kTail = kSumLength + 2 };  // 2: CR LF

  // Reports whether a line may begin.
  bool idle() const { return state_ == kIdle; }

  // Starts a line, and forgets one that did not end. While a line is being sent the
  // new one is lost instead.
  void begin();

  // Starts the line's next reading. Then print its value.
  void name(Text name);
  void name(const char* name);

  // Adds a text unchanged, up to its first stop.
  void text(Text text, char stop = '\0');
  // Adds a byte unchanged.
  void append(char byte);

  // Ends the line, and sends at once what the port has room for. Returns false if the
  // line was lost: it was too long, or began while another was being sent.
  bool end(Print& port);

  // Sends more of the line. Never waits for a port that can report its room.
  void send(Print& port);

  // Reports whether the port has sent everything.
  bool isEmpty(Print& port) { return room(port) >= most_; }

  // A value cannot end its line or start another reading: control characters and
  // commas become underscores.
  size_t write(uint8_t byte) override;
  using Print::write;

 private:
  enum State : uint8_t { kIdle, kBuilding, kOverlong, kSending };

  void put(char byte) { buffer_[length_++] = byte; }
  uint8_t room(Print& port);

  char* buffer_;
  uint8_t size_;
  uint8_t length_ = 0;
  uint8_t sent_ = 0;
  uint8_t most_ = 0;  // the most room that the port ever reported
  State state_ = kIdle;
};

}  // namespace serialgateway

#endif
