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

// The fields of a form. The last four are State::counts_, in this order.
#define FIELD_ID "\1"
#define FIELD_SESSION "\2"
#define FIELD_INPUT "\3"
#define FIELD_LAST "\4"
#define FIELD_PARTS "\5"
#define FIELD_OUTPUT "\6"
#define FIELD_RAM "\7"
#define FIELD_NUMBER "\20"
#define FIELD_TAKEN "\21"
#define FIELD_DROPPED "\22"
#define FIELD_RESET "\23"

// What an AVR knows of itself.
#ifdef MCUSR
#define SERIAL_GATEWAY_HEALTH " reset=" FIELD_RESET " ram=" FIELD_RAM

extern "C" char __heap_start;
extern "C" char* __brkval __attribute__((weak));  // only in a sketch that uses malloc

static uint16_t freeRAM() {
  const char* used = &__brkval && __brkval ? __brkval : &__heap_start;
  return SP - reinterpret_cast<uint16_t>(used);
}
#else
#define SERIAL_GATEWAY_HEALTH
#endif

void Gateway::send() {
  writer_.send(serial_);
  if (!writer_.idle()) return;
  if (answer_) return printAnswer();
  if (hello_ != kHelloDone) return printHello();
  if (writer_.silence() >= kSilence) printState();
}

void Gateway::printAnswer() {
  const Reply& reply = *answer_;
  answer_ = nullptr;
  if (reply.kind == Reply::kState) return printState();
  writer_.begin();
  fill(reply.kind == Reply::kOk      ? F("!ok")
               : reply.kind == Reply::kAgain ? F("!again")
                                             : F("!no"));
  fill(F(" " FIELD_NUMBER " taken=" FIELD_TAKEN));
  if (reply.kind == Reply::kTakes) {
    fill(F(" takes "));
    reply.command->type(*reply.command, nullptr, writer_);
  } else if (reply.text) {
    writer_.append(' ');
    writer_.text(reply.text);
  }
  endShort();
}

void Gateway::printState() {
  writer_.begin();
  fill(F("!state session=" FIELD_SESSION " last=" FIELD_LAST " input=" FIELD_INPUT
         " taken=" FIELD_TAKEN " dropped=" FIELD_DROPPED SERIAL_GATEWAY_HEALTH));
  endShort();
}

void Gateway::printHello() {
  counts_[kNumber] = hello_++;
  if (counts_[kNumber] > parts_.size()) {
    hello_ = kHelloDone;
    return printState();
  }
  writer_.begin();
  if (counts_[kNumber] == 0) {
    fill(F("!hello " FIELD_ID " protocol=1 library=" SERIAL_GATEWAY_VERSION
           " parts=" FIELD_PARTS " output=" FIELD_OUTPUT));
  } else {
    printPart(parts_[counts_[kNumber] - 1]);
  }
  endShort();
}

// Ends a line of the protocol. An answer without some of its words is better than none.
SERIAL_GATEWAY_NOINLINE void Gateway::endShort() {
  writer_.cut();
  endLine();
}

void Gateway::printPart(const Part& part) {
  fill(part.type ? F("!command " FIELD_NUMBER "/" FIELD_PARTS " ")
                 : F("!reading " FIELD_NUMBER "/" FIELD_PARTS " "));
  writer_.text(part.spec, part.type ? ' ' : '\0');
  if (!part.handler) return;
  writer_.append(' ');
  part.type(part, nullptr, writer_);
}

// The longest lines of a hello, without the ID or what describes a part.
static const uint8_t kHelloLength = sizeof("!hello  protocol=1 library=" SERIAL_GATEWAY_VERSION " parts=12") - 1;
static const uint8_t kPartLength = sizeof("!command 12/12  enum ") - 1;

bool Gateway::begin(Text id) {
  bool right = isDescription(id, writer_.size() - kHelloLength, '-');
  if (right) id_ = id;
  hello_ = 0;
  return right;
}

bool Gateway::describe(Text spec, Part::Type type, Part::Handler handler) {
  Part* part = parts_.add(spec, type, handler);
  if (!part) return false;
  // The writer has no line, so the type only checks its bounds.
  bool right = isDescription(spec, writer_.size() - kPartLength, '_');
  if (right && (!type || type(*part, nullptr, writer_))) return true;
  part->handler = nullptr;
  return false;
}

// Writes a form.
void Gateway::fill(const __FlashStringHelper* form) {
  const char* next = reinterpret_cast<const char*>(form);
  for (char byte; (byte = static_cast<char>(pgm_read_byte(next))); next++) {
    if (static_cast<uint8_t>(byte) < ' ') {
      fillIn(byte);
    } else {
      writer_.append(byte);
    }
  }
}

void Gateway::fillIn(char field) {
  if (field == *FIELD_ID) return writer_.text(id_);
  if (field == *FIELD_SESSION) return writer_.text(Text::at(session_.id()));
  uint16_t number = counts_[field & 3];
  if (field == *FIELD_INPUT) number = kInput;
  if (field == *FIELD_LAST) number = session_.last();
  if (field == *FIELD_PARTS) number = parts_.size();
  if (field == *FIELD_OUTPUT) number = writer_.size();
#ifdef MCUSR
  if (field == *FIELD_RAM) number = freeRAM();
#endif
  writer_.print(number);
}

}  // namespace serialgateway
