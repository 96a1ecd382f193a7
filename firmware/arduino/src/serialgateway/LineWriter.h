#ifndef SERIAL_GATEWAY_LINE_WRITER_H
#define SERIAL_GATEWAY_LINE_WRITER_H

#include <Arduino.h>

#include "Counts.h"

namespace serialgateway {

// LineWriter builds a line in memory and sends it whole, as fast as the port
// takes it. It is a Print, so that values look as Serial.print makes them.
class LineWriter : public Print {
 public:
  // size is that of the buffer, in bytes, with two for CR LF.
  LineWriter(char* buffer, uint8_t size, Counts& counts)
      : buffer_(buffer), size_(size), counts_(counts) {}

  // Starts a line, unless the one before is still being sent.
  void begin();

  // Starts the line's next reading; its value is then printed.
  template <typename Name>
  void name(const Name& text) {
    if (length_ > 0) append(',');
    print(text);
    append('=');
  }

  // Lets the line go, and sends at once what the port has room for. False:
  // it was dropped and counted.
  bool end(Print& port);

  // Sends more of it. Never waits for a port that can tell its room.
  void send(Print& port);

  // A value can't end its line, nor start another reading: control characters
  // and commas become underscores.
  size_t write(uint8_t byte) override;
  using Print::write;

 private:
  enum State : uint8_t { kIdle, kBuilding, kOverlong, kSending };

  void append(char byte);
  bool drop();
  uint8_t room(Print& port);

  char* buffer_;
  uint8_t size_;
  uint8_t length_ = 0;
  uint8_t sent_ = 0;
  State state_ = kIdle;
  bool tellsRoom_ = false;
  Counts& counts_;
};

}  // namespace serialgateway

#endif
