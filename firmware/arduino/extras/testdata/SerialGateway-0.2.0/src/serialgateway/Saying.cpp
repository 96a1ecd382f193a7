// What a Gateway says besides readings; docs/protocol.md gives the words.
#include "Gateway.h"
#include "Version.h"

namespace serialgateway {

// A board that says nothing for so long says where it stands, in ms: a gateway
// that has started meanwhile finds it by that.
static const uint16_t kSilence = 10000;

// How many bytes wait in the board's input buffer before one is lost.
#ifdef SERIAL_RX_BUFFER_SIZE
static const unsigned kInput = SERIAL_RX_BUFFER_SIZE - 1;
#else
static const unsigned kInput = 63;
#endif

void Gateway::send() {
  writer_.send(serial_);
  if (!writer_.idle()) return;
  if (answer_) return sayAnswer();
  if (hello_ != kHelloSaid) return sayOfHello();
  if (static_cast<uint16_t>(static_cast<uint16_t>(millis()) - lastSaid_) >= kSilence) sayState();
}

void Gateway::sayAnswer() {
  const Reply& reply = *answer_;
  answer_ = nullptr;
  if (reply.kind == Reply::kState) return sayState();
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
  end();
}

void Gateway::sayState() {
  writer_.begin();
  fill(F("!state session=$s last=$l input=$i taken=$t"));
  end();
}

// A line of the hello goes only where nothing else waits to be sent, so that
// no reading is dropped for it.
void Gateway::sayOfHello() {
  if (!writer_.isEmpty(serial_)) return;
  number_ = hello_++;
  if (number_ > parts_.size()) {
    hello_ = kHelloSaid;
    return sayState();
  }
  writer_.begin();
  if (number_ == 0) {
    fill(F("!hello $h protocol=1 library=" SERIAL_GATEWAY_VERSION " parts=$p"));
  } else {
    sayPart(parts_[number_ - 1]);
  }
  end();
}

void Gateway::sayPart(const Part& part) {
  writer_.text(part.type ? F("!command") : F("!reading"));
  fill(F(" $n/$p "));
  if (!part.type) return writer_.text(part.spec);
  writer_.text(part.spec, ' ');
  writer_.append(' ');
  part.type(part, nullptr, writer_);
}

// Writes a form, of which each $ and letter is a field.
void Gateway::fill(Text form) {
  for (char byte; (byte = at(form, 0)); form = from(form, 1)) {
    if (byte != '$') {
      writer_.append(byte);
      continue;
    }
    form = from(form, 1);
    fillIn(at(form, 0));
  }
}

void Gateway::fillIn(char field) {
  if (field == 'h') return writer_.text(id_);
  if (field == 's') {
    for (const char* digit = session_.id(); *digit; digit++) writer_.append(*digit);
    return;
  }
  uint16_t number = number_;  // 'n': of the command or the part
  if (field == 'i') number = kInput;
  if (field == 'l') number = session_.last();
  if (field == 'p') number = parts_.size();
  if (field == 't') number = taken_;
  writer_.print(number);
}

}  // namespace serialgateway
