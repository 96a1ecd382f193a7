#ifndef SERIAL_GATEWAY_SESSION_H
#define SERIAL_GATEWAY_SESSION_H

#include "Parts.h"

namespace serialgateway {

// Reply is the answer of the board to a line.
struct Reply {
  enum Kind : uint8_t { kOk, kRefused, kTakes, kAgain, kState };

  Kind kind;
  union {
    Text text;            // words, or none
    const Part* command;  // for kTakes: the command that does not take the value
  };
};

// Session is what the board knows of its session with the gateway: the number of the
// command that it takes next, and its last replies.
class Session {
 public:
  enum { kRemembered = 4 };  // replies; a power of 2
  enum { kIDLength = 4 };

  // Begins the session id. If it is the current one, nothing changes. Returns false
  // if id does not have four bytes.
  bool begin(const char* id);
  void end();

  // Returns four bytes, 0000 outside a session.
  const char* id() const { return id_; }

  // Returns the number of the command that is taken next, 0 outside a session.
  uint16_t next() const { return next_; }

  // Returns the number of the command taken last, 0 if there is none.
  uint16_t last() const { return next_ ? next_ - 1 : 0; }

  // Reports whether the reply to this command is still known.
  bool remembers(uint16_t number) const;

  // Takes the next command, or one without a number. Returns its reply, which is OK
  // until a handler changes it.
  Reply& take();

  Reply& reply(uint16_t number) { return replies_[number % kRemembered]; }

 private:
  char id_[kIDLength + 1];
  uint16_t next_;
  Reply replies_[kRemembered];
};

}  // namespace serialgateway

#endif
