// SerialGateway: a board's readings as lines, commands that are confirmed, and
// a description of both.
//
//   #include <SerialGateway.h>
//   SerialGateway gateway(Serial);
//
//   void setLed(bool on) { digitalWrite(LED_BUILTIN, on); }
//
//   void setup() {
//     Serial.begin(115200);
//     gateway.id(F("porch"));
//     gateway.reading(F("light"));
//     gateway.on(F("led"), setLed);               // led=on, led=off
//   }
//
//   void loop() {
//     gateway.print(F("light"), analogRead(A0));  // light=511
//     gateway.wait(1000);                         // instead of delay(1000)
//   }
//
// Nothing here blocks (but wait, which is there for that), takes heap or makes
// a String. What can't be kept is dropped whole, never cut short. What goes over
// the wire is specified in docs/protocol.md of arduino-gateway.
#ifndef SERIAL_GATEWAY_H
#define SERIAL_GATEWAY_H

#include "serialgateway/Gateway.h"

// SizedSerialGateway is a SerialGateway with room to tell of so many readings
// and commands, and for lines of so many bytes (without ending and checksum).
template <uint8_t maxParts, uint8_t maxOutput>
class SizedSerialGateway : public serialgateway::Gateway {
 public:
  explicit SizedSerialGateway(Stream& serial)
      : serialgateway::Gateway(serial, storage_, maxParts, output_, sizeof output_) {}

 private:
  static_assert(maxParts > 0 && maxParts < 250, "a hello has 1 to 249 parts");
  static_assert(maxOutput >= 60 && maxOutput <= 247, "a line has 60 to 247 bytes");

  serialgateway::Part storage_[maxParts];
  char output_[maxOutput + serialgateway::LineWriter::kTail];
};

// SerialGateway suits most sketches.
typedef SizedSerialGateway<12, 80> SerialGateway;

#endif
