#ifndef SERIAL_GATEWAY_LINE_WRITER_H
#define SERIAL_GATEWAY_LINE_WRITER_H

#include <Arduino.h>

#include "Sum.h"
#include "Text.h"

namespace serialgateway {

// Returns millis(). The compiler copies millis() itself to each place that calls it.
unsigned long clock();

// LineWriter builds a line in memory and sends it whole, with its checksum, as fast
// as the port takes it. It is a Print, so that values look as Serial.print prints
// them.
class LineWriter : public Print {
 public:
  // size is that of the buffer in bytes. The first kHead and the last kTail of them are
  // not for the text of the line.
  LineWriter(char* buffer, uint8_t size)
      : buffer_(buffer), limit_(static_cast<uint8_t>(size - kTail)) {}
  enum { kHead = 1, kTail = kSumLength + 2 };  // 2: CR LF

  // Returns how many bytes the text of a line may have.
  uint8_t size() const { return limit_ - kHead; }

  // Reports whether no line waits to be sent.
  bool idle() const { return state_ == kIdle; }

  // Starts a line, and forgets one that did not end. A line that still waits for the port
  // is lost: of two readings the newer one counts, and a line half sent would be old when
  // its rest comes. Returns true if a line is lost.
  bool begin();

  // Starts the line's next reading. Then print its value.
  void name(Text name);
  void name(const char* name);

  // Adds a text unchanged, up to its first stop.
  void text(Text text, char stop = '\0');
  // Adds a byte unchanged.
  void append(char byte);

  // Leaves out what does not fit, from the last space that does.
  void cut();

  // Ends the line, and sends at once what the port has room for. Returns false if the
  // line was too long, and is lost.
  bool end(Print& port);

  // Sends more of the line, and never waits for a port that can report its room. Returns
  // true if the rest will go soon: the port took some of this line a moment ago.
  bool send(Print& port);

  // Returns for how many ms the port has taken nothing, modulo 65536.
  uint16_t silence() const { return static_cast<uint16_t>(clock()) - moved_; }

  // A value cannot end its line or start another reading: control characters and
  // commas become underscores.
  size_t write(uint8_t byte) override;
  using Print::write;

 private:
  enum State : uint8_t { kIdle, kBuilding, kOverlong, kSending };

  char* buffer_;
  uint8_t limit_;  // of length_, before the tail
  uint8_t length_ = 0;
  uint8_t sent_ = kHead;  // 0: the line follows one half sent, and its head, LF, ends that
  bool reports_ = false;  // the port has reported room
  State state_ = kIdle;
  uint16_t moved_ = 0;  // when the port last took something, or a line began that it could take
};

}  // namespace serialgateway

#endif
