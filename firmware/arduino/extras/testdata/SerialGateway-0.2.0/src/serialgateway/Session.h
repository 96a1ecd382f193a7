#ifndef SERIAL_GATEWAY_SESSION_H
#define SERIAL_GATEWAY_SESSION_H

#include "Parts.h"

namespace serialgateway {

// Reply is what the board answers to a line.
struct Reply {
  enum Kind : uint8_t { kOk, kRefused, kTakes, kAgain, kState };

  Kind kind;
  union {
    Text text;            // words, or a null pointer
    const Part* command;  // of kTakes: the command that does not take the value
  };
};

// Session is where the board stands with a gateway: the number of the command
// that it takes next, and its last replies.
class Session {
 public:
  enum { kRemembered = 4 };  // replies; a power of 2
  enum { kIDLength = 4 };

  // Begins another session, called as the gateway wants; in the one that there
  // is already it changes nothing. False: it can't be called so.
  bool begin(const char* id);
  void end();

  // Four bytes, 0000 without a session.
  const char* id() const { return id_; }

  // The number of the command that is taken next, 0 outside a session.
  uint16_t next() const { return next_; }

  // The number of the one that was taken last, 0 if there is none.
  uint16_t last() const { return next_ ? next_ - 1 : 0; }

  // Whether the reply to this command is remembered.
  bool remembers(uint16_t number) const;

  // Takes the next command, or one that has no number. Its reply is OK until
  // something else is said.
  Reply& take();

  Reply& reply(uint16_t number) { return replies_[number % kRemembered]; }

 private:
  char id_[kIDLength + 1];
  uint16_t next_;
  Reply replies_[kRemembered];
};

}  // namespace serialgateway

#endif
