#ifndef SERIAL_GATEWAY_GATEWAY_H
#define SERIAL_GATEWAY_GATEWAY_H

#include <Arduino.h>

#include "LineReader.h"
#include "LineWriter.h"
#include "Parts.h"
#include "Session.h"
#include "Text.h"

#define SERIAL_GATEWAY_DEPRECATED(advice) __attribute__((deprecated(advice)))

namespace serialgateway {

// State holds what a Gateway keeps besides its buffers. It starts as zeros, set in one
// sweep: setting each part took four times the flash.
struct State {
  Text id_;
  Parts parts_;
  LineReader reader_;
  Session session_;
  uint16_t dropped_;     // lines
  uint16_t taken_;       // bytes since the start
  const Reply* answer_;  // to be printed before any more input is taken
  uint16_t number_;      // of the command answered, or of the part printed
  Reply other_;          // an answer to a line that is not a command
  Reply* running_;       // to the command whose handler runs
  uint8_t hello_;        // the next line of the hello
  uint16_t lastLine_;    // when the last line was begun, in ms
};

// Gateway is the part that all sizes of SerialGateway share. It owns no buffer. A
// Text is F("text"), which takes no RAM, or plain "text". The gateway keeps only
// its address: the text must stay where it is, unchanged.
class Gateway : State {
 public:
  // Starts the gateway: the board says hello as the device id, with what reading()
  // and on() describe. An id has a to z, 0 to 9, _ and -.
  void begin(Text id) {
    id_ = id;
    hello_ = 0;
  }

  // Describes a reading and its unit: F("temperature °C"), or F("light") alone.
  // Readings can be printed without it; with it the gateway knows them, and their
  // units, from the start. Returns false if there is no room; see SizedSerialGateway.
  bool reading(Text spec) { return parts_.add(spec, nullptr, nullptr); }

  // Describes a command, and calls handler when it comes: NAME=VALUE on a line. The
  // type of the handler's parameter says which values the command takes. Bounds may
  // follow the name:
  //   on(F("led"), f)               void f(bool): on, off, true, false, 1, 0
  //   on(F("fan 0..255"), f)        void f(int), f(long): a whole number
  //   on(F("mode auto|manual"), f)  void f(const char*): one of these words
  //   on(F("say 20"), f)            void f(const char*): a text of at most 20 bytes;
  //                                 32 without a number; valid during the call only
  // Any other value is refused with that reason. Returns false if there is no room.
  bool on(Text spec, BoolHandler f) { return addCommand(spec, boolType, f); }
  bool on(Text spec, IntHandler f) { return addCommand(spec, intType, f); }
  bool on(Text spec, LongHandler f) { return addCommand(spec, longType, f); }
  bool on(Text spec, TextHandler f) { return addCommand(spec, textType, f); }

  // Only in a handler: refuse() reports why the command is not carried out, reply()
  // adds words to the report that it is. The board may repeat the answer later, so the
  // words must not be in a buffer that changes: a char[] does not compile, and the
  // handler's own value is valid during the call only.
  void refuse(Text reason) { answer(Reply::kRefused, reason); }
  void refuse(const char* reason) { refuse(Text(reason)); }
  void refuse(char* reason) = delete;
  void reply(Text words) { answer(Reply::kOk, words); }
  void reply(const char* words) { reply(Text(words)); }
  void reply(char* words) = delete;

  // Runs the commands that have come, and sends what waits. Never waits itself. Call
  // it as often as you can: until the next call an Uno keeps only 63 bytes of input.
  // In a handler it only sends.
  void loop();

  // Waits like delay(milliseconds), and runs commands during that time.
  void wait(unsigned long milliseconds);

  // Prints a line of one reading: print(F("temperature"), 23.5, 1). Returns false if
  // the line was dropped; see endLine.
  template <typename Name, typename Value>
  bool print(const Name& name, const Value& value) {
    beginLine();
    add(name, value);
    return endLine();
  }
  template <typename Name, typename Value>
  bool print(const Name& name, const Value& value, int format) {
    beginLine();
    add(name, value, format);
    return endLine();
  }

  // Print several readings on one line, so that they stay together:
  //   gateway.beginLine();
  //   gateway.add(F("temperature"), 23.5, 1);
  //   gateway.add(F("humidity"), 40);
  //   gateway.endLine();                   // temperature=23.5,humidity=40
  // Values and formats are those of Serial.print. Nothing leaves the board before
  // endLine. It returns false if the line was dropped: it was too long, or the line
  // before it still waits to be sent.
  void beginLine();
  template <typename Name, typename Value>
  void add(const Name& name, const Value& value) {
    writer_.name(name);
    writer_.print(value);
  }
  template <typename Name, typename Value>
  void add(const Name& name, const Value& value, int format) {
    writer_.name(name);
    writer_.print(value, format);
  }
  bool endLine();

  // Returns how many lines were dropped since the start, modulo 65536.
  uint16_t dropped() const { return dropped_; }

  // The names of version 0.2, which version 0.4 will no longer have.
  SERIAL_GATEWAY_DEPRECATED("use begin(id)") void id(Text id) { id_ = id; }
  SERIAL_GATEWAY_DEPRECATED("use beginLine()") void begin() { beginLine(); }
  SERIAL_GATEWAY_DEPRECATED("use endLine()") bool end() { return endLine(); }

 protected:
  Gateway(Stream& serial, Part* parts, uint8_t maxParts, char* output, uint8_t outputSize)
      : State(), serial_(serial), writer_(output, outputSize) {
    id_ = F("arduino");
    parts_.use(parts, maxParts);
    session_.end();
  }

 private:
  Gateway(const Gateway&);
  Gateway& operator=(const Gateway&);

  template <typename Handler>
  bool addCommand(Text spec, Part::Type type, Handler handler) {
    return parts_.add(spec, type, reinterpret_cast<Part::Handler>(handler));
  }

  // Input.cpp
  void handleLine(uint8_t length);
  void handleTypedQuestion();
  void handleQuestion(const char* line);
  void handleNumbered(char* line);
  void notNext();
  void run(char* command);
  void callHandler(char* command);
  void answer(Reply::Kind kind, Text words);
  void again(Text reason);

  // Output.cpp
  void send();
  void printAnswer();
  void printState();
  void printHello();
  void printPart(const Part& part);
  enum { kHelloDone = 255 };
  void fill(const __FlashStringHelper* form);
  void fillIn(char field);

  Stream& serial_;
  LineWriter writer_;
};

}  // namespace serialgateway

#endif
