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
  Session session_;
  enum { kNumber, kTaken, kDropped, kReset };
  uint16_t counts_[4];   // see Output.cpp
  const Reply* answer_;  // to be printed before any more input is taken
  Reply other_;          // an answer to a line that is not a command
  Reply* running_;       // to the command whose handler runs
  uint8_t hello_;        // the next line of the hello
  enum { kStateDue = 254, kHelloDone };
};

// Gateway is the part that all sizes of SerialGateway share. It owns no buffer. A
// Text is F("text"), which takes no RAM, or plain "text". The gateway keeps only
// its address: the text must stay where it is, unchanged.
class Gateway : State {
  typedef Named<bool, boolType> NamedBool;
  typedef Named<int, intType> NamedInt;

 public:
  // Starts the gateway: the board says hello as the device id, with what reading()
  // and on() describe. Returns false, and calls the board arduino, if id has other bytes
  // than a to z, 0 to 9, _ and -, or more than 38 (in lines of 80 bytes).
  bool begin(Text id);

  // Describes a reading and its unit: F("temperature °C"), or F("light") alone.
  // Readings can be printed without it; with it the gateway knows them, and their
  // units, from the start. Returns false if there is no room for it, or not on a line of
  // the hello (see SizedSerialGateway), or if its name has other bytes than a to z, 0 to 9
  // and _.
  bool reading(Text spec) { return describe(spec, nullptr, nullptr); }

  // Describes a command, and calls handler when it comes: NAME=VALUE on a line. The
  // type of the handler's parameter says which values the command takes. Bounds may
  // follow the name:
  //   on(F("led"), f)               void f(bool): on, off, true, false, 1, 0
  //   on(F("fan 0..255"), f)        void f(int), f(long): a whole number
  //   on(F("mode auto|manual"), f)  void f(const char*): one of these words
  //   on(F("say 20"), f)            void f(const char*): a text of at most 20 bytes;
  //                                 32 without a number; valid during the call only
  // A number may be an int, long, uint8_t, unsigned or unsigned long. Two of the handlers
  // may serve several commands: f(const char* name, bool), f(const char* name, int).
  // Any other value is refused with that reason. Returns false for the reasons of
  // reading(), and if its bounds are not of one of these forms. Then the hello names the
  // command without what it takes, and the command does not run.
  bool on(Text spec, BoolHandler f) { return addCommand(spec, boolType, f); }
  bool on(Text spec, IntHandler f) { return addCommand(spec, intType, f); }
  bool on(Text spec, LongHandler f) { return addCommand(spec, longType, f); }
  bool on(Text spec, TextHandler f) { return addCommand(spec, textType, f); }
  bool on(Text spec, ByteHandler f) { return addCommand(spec, byteType, f); }
  bool on(Text spec, UnsignedHandler f) { return addCommand(spec, unsignedType, f); }
  bool on(Text spec, UnsignedLongHandler f) { return addCommand(spec, unsignedLongType, f); }
  bool on(Text spec, NamedBool::Handler f) { return addCommand(spec, NamedBool::type, f); }
  bool on(Text spec, NamedInt::Handler f) { return addCommand(spec, NamedInt::type, f); }

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
  // endLine. It returns false if the line was too long, and dropped.
  //
  // Like Serial.print, a line waits until the port has taken the line before. It does not
  // wait for a port that stands still (nothing taken for 100 ms): then it takes the place
  // of the line before, which is dropped.
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

  // Reports whether nothing waits to be sent, and no command has begun to come. The port
  // itself may still be sending: see flush.
  bool idle() { return writer_.idle() && !due() && reader_.isEmpty() && !serial_.available(); }

  // Sends what waits, unless the port stands still, and waits until the port has sent it:
  // before the board sleeps.
  void flush();

  // Returns how many lines were dropped since the start, modulo 65536.
  uint16_t dropped() const { return counts_[kDropped]; }

  // The names of version 0.2, which version 0.4 will no longer have.
  SERIAL_GATEWAY_DEPRECATED("use begin(id)") bool id(Text id) { return begin(id); }
  SERIAL_GATEWAY_DEPRECATED("use beginLine()") void begin() { beginLine(); }
  SERIAL_GATEWAY_DEPRECATED("use endLine()") bool end() { return endLine(); }

 protected:
  Gateway(Stream& serial, Part* parts, uint8_t maxParts, char* output, uint8_t outputSize)
      : State(), serial_(serial), writer_(output, outputSize) {
    id_ = F("arduino");
    parts_.use(parts, maxParts);
    session_.end();
#ifdef MCUSR
    counts_[kReset] = MCUSR;
    MCUSR = 0;  // else the next reset adds its flag to these
#endif
  }

 private:
  Gateway(const Gateway&);
  Gateway& operator=(const Gateway&);

  template <typename Handler>
  bool addCommand(Text spec, Part::Type type, Handler handler) {
    return describe(spec, type, reinterpret_cast<Part::Handler>(handler));
  }

  // Input.cpp
  void handleLine(uint8_t length);
  void handleTypedQuestion();
  void handleQuestion(const char* line);
  void handleNumbered(char* line);
  void notNext();
  void run(char* command);
  void callHandler(char* command, Reply& reply);
  void answer(Reply::Kind kind, Text words);
  void again(Text reason);

  void settle();
  void drop();

  // Output.cpp
  bool due() const { return answer_ || hello_ != kHelloDone; }
  void send();
  void printAnswer();
  void printState();
  void printHello();
  bool describe(Text spec, Part::Type type, Part::Handler handler);
  void printPart(const Part& part);
  void endShort();
  void fill(const __FlashStringHelper* form);
  void fillIn(char field);

  Stream& serial_;
  LineWriter writer_;
  LineReader reader_;
};

}  // namespace serialgateway

#endif
