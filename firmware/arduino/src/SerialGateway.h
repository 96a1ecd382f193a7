// SerialGateway: a board's readings as lines, and commands for the board.
//
//   #include <SerialGateway.h>
//   SerialGateway gateway(Serial);
//
//   void setLed(bool on) { digitalWrite(LED_BUILTIN, on); }
//
//   void setup() {
//     Serial.begin(115200);
//     gateway.on("led", setLed);           // led=on, led=off
//   }
//
//   void loop() {
//     gateway.print("light", analogRead(A0));  // light=511
//     gateway.wait(1000);                  // instead of delay(1000)
//   }
//
// Nothing here blocks (but wait, which is there for that), takes heap or makes
// a String. What can't be kept is dropped whole and counted, never cut short.
#ifndef SERIAL_GATEWAY_H
#define SERIAL_GATEWAY_H

#include <Arduino.h>

#include "serialgateway/Commands.h"
#include "serialgateway/Counts.h"
#include "serialgateway/LineReader.h"
#include "serialgateway/LineWriter.h"

namespace serialgateway {

// Gateway is what all sizes of SerialGateway share; it owns no buffer.
class Gateway {
 public:
  // Has handler called when the command comes: NAME=VALUE on a line. The
  // handler's own parameter says what values there are:
  //   void f(bool)         on, off, true, false, 1, 0
  //   void f(int), f(long) a whole number that fits
  //   void f(const char*)  any text; valid during the call only
  // Other values are refused and counted. The name must outlive the gateway,
  // as a literal does. A second handler for a name replaces the first. False:
  // there is no room for one more command; see SizedSerialGateway.
  bool on(const char* name, BoolHandler handler) { return commands_.on(name, handler); }
  bool on(const char* name, IntHandler handler) { return commands_.on(name, handler); }
  bool on(const char* name, LongHandler handler) { return commands_.on(name, handler); }
  bool on(const char* name, TextHandler handler) { return commands_.on(name, handler); }

  // Obeys the commands that have come, and sends what waits to be sent. Call
  // it as often as you can: a board loses what comes while 63 bytes wait.
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
  //   gateway.add("temperature", 23.5, 1);
  //   gateway.add(F("humidity"), 40);
  //   gateway.end();                       // temperature=23.5,humidity=40
  // Values and formats are those of Serial.print. Nothing leaves the board
  // before end, which is false if the line was dropped: it was too long, or
  // the one before is still waiting to be sent.
  void begin() { writer_.begin(); }
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
  bool end() { return writer_.end(serial_); }

  // What was lost or refused since the start.
  const Counts& counts() const { return counts_; }

 protected:
  Gateway(Stream& serial, Command* commands, uint8_t maxCommands, char* input,
          uint8_t inputSize, char* output, uint8_t outputSize)
      : serial_(serial),
        commands_(commands, maxCommands, counts_),
        reader_(input, inputSize, counts_),
        writer_(output, outputSize, counts_) {}

 private:
  Gateway(const Gateway&);
  Gateway& operator=(const Gateway&);

  Stream& serial_;
  Counts counts_;
  Commands commands_;
  LineReader reader_;
  LineWriter writer_;
};

}  // namespace serialgateway

// SizedSerialGateway is a SerialGateway with room for so many commands, for
// lines of so many bytes that come, and of so many that go (without endings).
template <uint8_t maxCommands, uint8_t maxInput, uint8_t maxOutput>
class SizedSerialGateway : public serialgateway::Gateway {
 public:
  explicit SizedSerialGateway(Stream& serial)
      : serialgateway::Gateway(serial, commands_, maxCommands, input_, sizeof input_,
                               output_, sizeof output_) {}

 private:
  static_assert(maxCommands > 0, "a board without commands needs room for one all the same");
  static_assert(maxInput <= 253 && maxOutput <= 253, "a buffer has at most 255 bytes");

  serialgateway::Command commands_[maxCommands];
  char input_[maxInput + 1];    // and a terminator
  char output_[maxOutput + 2];  // and CR LF
};

// SerialGateway suits most sketches.
typedef SizedSerialGateway<8, 64, 96> SerialGateway;

#endif
