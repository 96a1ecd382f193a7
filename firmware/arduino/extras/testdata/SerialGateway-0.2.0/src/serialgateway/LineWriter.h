#ifndef SERIAL_GATEWAY_LINE_WRITER_H
#define SERIAL_GATEWAY_LINE_WRITER_H

#include <Arduino.h>

#include "Sum.h"
#include "Text.h"

namespace serialgateway {

// LineWriter builds a line in memory and sends it whole, with its checksum, as
// fast as the port takes it. It is a Print, so that values look as Serial.print
// makes them.
class LineWriter : public Print {
 public:
  // size is that of the buffer, in bytes, with kTail of them for what ends a
  // line.
  LineWriter(char* buffer, uint8_t size) : buffer_(buffer), size_(size) {}
  enum { kTail = kSumLength + 2 };  // and CR LF

  // Whether a line may be begun.
  bool idle() const { return state_ == kIdle; }

  // Starts a line; what was begun and not ended is forgotten, what is being
  // sent is not: the new line is lost then.
  void begin();

  // Starts the line's next reading; its value is then printed.
  void name(Text name);
  void name(const char* name);

  // Adds a text as it is, up to its first stop.
  void text(Text text, char stop = '\0');
  // Adds a byte as it is.
  void append(char byte);

  // Lets the line go, and sends at once what the port has room for. False: it
  // was lost, being too long or begun too early.
  bool end(Print& port);

  // Sends more of it. Never waits for a port that can tell its room.
  void send(Print& port);

  // Whether nothing that was written waits in the port.
  bool isEmpty(Print& port) { return room(port) >= most_; }

  // A value can't end its line, nor start another reading: control characters
  // and commas become underscores.
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
  uint8_t most_ = 0;  // the most room that the port ever told of
  State state_ = kIdle;
};

}  // namespace serialgateway

#endif
