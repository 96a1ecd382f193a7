#ifndef SERIAL_GATEWAY_GATEWAY_H
#define SERIAL_GATEWAY_GATEWAY_H

#include <Arduino.h>

#include "LineReader.h"
#include "LineWriter.h"
#include "Parts.h"
#include "Session.h"
#include "Text.h"

namespace serialgateway {

// State is what a Gateway keeps but for its buffers; it begins as zero, in one
// sweep: setting each part of it took four times the flash.
struct State {
  Text id_;
  Parts parts_;
  LineReader reader_;
  Session session_;
  uint16_t dropped_;
  uint16_t taken_;       // bytes, since the start
  const Reply* answer_;  // to be said before anything more is heard
  uint16_t number_;      // of the command answered, or of the part that is said
  Reply other_;          // an answer to what is no command
  Reply* running_;       // to the command of which the handler runs
  uint8_t hello_;        // the line of the hello that is to be said next
  uint16_t lastSaid_;    // when a line was last begun, in ms
};

// Gateway is what all sizes of SerialGateway share; it owns no buffer. A Text is
// F("a literal"), which takes no RAM.
class Gateway : State {
 public:
  // Who the board is, as a device is called: a to z, 0 to 9, _ and -.
  void id(Text id) { id_ = id; }

  // Tells of a reading and its unit: F("temperature °C"), or F("light") alone. What
  // is printed needs no telling; this makes it known before, and its unit.
  // False: there is no room for one more; see SizedSerialGateway.
  bool reading(Text spec) { return parts_.add(spec, nullptr, nullptr); }

  // Has handler called when the command comes: NAME=VALUE on a line. The
  // handler's own parameter says what values there are, and bounds may follow
  // the name:
  //   on(F("led"), f)               void f(bool): on, off, true, false, 1, 0
  //   on(F("fan 0..255"), f)        void f(int), f(long): a whole number
  //   on(F("mode auto|manual"), f)  void f(const char*): one of these
  //   on(F("say 20"), f)            the same: any text of at most 20 bytes (32
  //                                 if none are told); valid during the call only
  // Others are refused, and the gateway is told so. False: there is no room.
  bool on(Text spec, BoolHandler f) { return add(spec, boolType, f); }
  bool on(Text spec, IntHandler f) { return add(spec, intType, f); }
  bool on(Text spec, LongHandler f) { return add(spec, longType, f); }
  bool on(Text spec, TextHandler f) { return add(spec, textType, f); }

  // Within a handler: says why the command is not carried out, or says more
  // than that it was.
  void refuse(Text reason) { say(Reply::kRefused, reason); }
  void reply(Text text) { say(Reply::kOk, text); }

  // Obeys the commands that have come, and sends what waits to be sent. Call
  // it as often as you can: nothing is heard meanwhile, and no more than 63
  // bytes are kept. Within a handler it only sends.
  void loop();

  // Like delay(milliseconds), but commands are obeyed meanwhile.
  void wait(unsigned long milliseconds);

  // Prints a line of one reading: print("temperature", 23.5, 1). False: it
  // was dropped; see end.
  template <typename Name, typename Value>
  bool print(const Name& name, const Value& value) {
    begin();
    add(name, value);
    return end();
  }
  template <typename Name, typename Value>
  bool print(const Name& name, const Value& value, int format) {
    begin();
    add(name, value, format);
    return end();
  }

  // Prints a line of several readings, which stay together:
  //   gateway.begin();
  //   gateway.add(F("temperature"), 23.5, 1);
  //   gateway.add(F("humidity"), 40);
  //   gateway.end();                       // temperature=23.5,humidity=40
  // Values and formats are those of Serial.print. Nothing leaves the board
  // before end, which is false if the line was dropped: it was too long, or
  // the one before is still waiting to be sent.
  void begin();
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
  bool end();

  // How many lines were dropped since the start, modulo 65536.
  uint16_t dropped() const { return dropped_; }

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
  bool add(Text spec, Part::Type type, Handler handler) {
    return parts_.add(spec, type, reinterpret_cast<Part::Handler>(handler));
  }

  // Hearing.cpp
  void hear(uint8_t length);
  void hearPerson();
  void hearQuestion(const char* line);
  void hearCommand(char* line);
  void notNext();
  void run(char* command);
  void obey(char* command);
  void say(Reply::Kind kind, Text text);
  void again(Text reason);

  // Saying.cpp
  void send();
  void sayAnswer();
  void sayState();
  void sayOfHello();
  void sayPart(const Part& part);
  enum { kHelloSaid = 255 };
  void fill(Text form);
  void fillIn(char field);

  Stream& serial_;
  LineWriter writer_;
};

}  // namespace serialgateway

#endif
