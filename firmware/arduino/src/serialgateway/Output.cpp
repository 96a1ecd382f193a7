// What a Gateway prints besides readings. docs/protocol.md has the words.
#include "Gateway.h"
#include "Version.h"

namespace serialgateway {

// After so many ms without a line the board prints its state, so that a gateway that
// started later finds it.
static const uint16_t kSilence = 10000;

// How many bytes the board's input buffer holds; any more are lost.
#ifdef SERIAL_RX_BUFFER_SIZE
static const unsigned kInput = SERIAL_RX_BUFFER_SIZE - 1;
#else
static const unsigned kInput = 63;
#endif

void Gateway::send() {
  writer_.send(serial_);
  if (!writer_.idle()) return;
  if (answer_) return printAnswer();
  if (hello_ != kHelloDone) return printHello();
  if (static_cast<uint16_t>(static_cast<uint16_t>(millis()) - lastLine_) >= kSilence) printState();
}

void Gateway::printAnswer() {
  const Reply& reply = *answer_;
  answer_ = nullptr;
  if (reply.kind == Reply::kState) return printState();
  writer_.begin();
  writer_.text(reply.kind == Reply::kOk      ? F("!ok")
               : reply.kind == Reply::kAgain ? F("!again")
                                             : F("!no"));
  fill(F(" $n taken=$t"));
  if (reply.kind == Reply::kTakes) {
    writer_.text(F(" takes "));
    reply.command->type(*reply.command, nullptr, writer_);
  } else if (reply.text) {
    writer_.append(' ');
    writer_.text(reply.text);
  }
  endLine();
}

void Gateway::printState() {
  writer_.begin();
  fill(F("!state session=$s last=$l input=$i taken=$t"));
  endLine();
}

// Prints a line of the hello only if nothing else waits to be sent, so that no reading
// is dropped for it.
void Gateway::printHello() {
  if (!writer_.isEmpty(serial_)) return;
  number_ = hello_++;
  if (number_ > parts_.size()) {
    hello_ = kHelloDone;
    return printState();
  }
  writer_.begin();
  if (number_ == 0) {
    fill(F("!hello $h protocol=1 library=" SERIAL_GATEWAY_VERSION " parts=$p"));
  } else {
    printPart(parts_[number_ - 1]);
  }
  endLine();
}

void Gateway::printPart(const Part& part) {
  writer_.text(part.type ? F("!command") : F("!reading"));
  fill(F(" $n/$p "));
  if (!part.type) return writer_.text(part.spec);
  writer_.text(part.spec, ' ');
  writer_.append(' ');
  part.type(part, nullptr, writer_);
}

// Writes a form, in which $ and a letter stand for a field.
void Gateway::fill(const __FlashStringHelper* form) {
  const char* next = reinterpret_cast<const char*>(form);
  for (char byte; (byte = pgm_read_byte(next)); next++) {
    if (byte == '$') {
      fillIn(pgm_read_byte(++next));
    } else {
      writer_.append(byte);
    }
  }
}

void Gateway::fillIn(char field) {
  if (field == 'h') return writer_.text(id_);
  if (field == 's') return writer_.text(session_.id());
  uint16_t number = number_;  // 'n': of the command, or of the part
  if (field == 'i') number = kInput;
  if (field == 'l') number = session_.last();
  if (field == 'p') number = parts_.size();
  if (field == 't') number = taken_;
  writer_.print(number);
}

}  // namespace serialgateway
