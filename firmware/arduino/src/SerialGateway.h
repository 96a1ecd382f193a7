// SerialGateway prints a board's readings as lines, confirms commands, and describes
// both to the gateway.
//
//   #include <SerialGateway.h>
//   SerialGateway gateway(Serial);
//
//   void setLed(bool on) { digitalWrite(LED_BUILTIN, on); }
//
//   void setup() {
//     Serial.begin(115200);
//     gateway.begin(F("porch"));
//     gateway.reading(F("light"));
//     gateway.on(F("led"), setLed);               // led=on, led=off
//   }
//
//   void loop() {
//     gateway.print(F("light"), analogRead(A0));  // light=511
//     gateway.wait(1000);                         // instead of delay(1000)
//   }
//
// Printing waits as Serial.print does, but never for a port that stands still. Nothing
// takes heap or makes a String. A reading that does not fit is dropped whole, never cut
// short. docs/protocol.md of arduino-gateway specifies the lines.
#ifndef SERIAL_GATEWAY_H
#define SERIAL_GATEWAY_H

#include "serialgateway/Gateway.h"
#include "serialgateway/Version.h"

// SizedSerialGateway is a SerialGateway with room for so many readings and commands,
// and for lines of so many bytes (without checksum and line ending).
template <uint8_t maxParts, uint8_t maxOutput>
class SizedSerialGateway : public serialgateway::Gateway {
 public:
  explicit SizedSerialGateway(Stream& serial)
      : serialgateway::Gateway(serial, storage_, maxParts, output_, sizeof output_) {}

 private:
  static_assert(maxParts > 0 && maxParts < 250, "a hello has 1 to 249 parts");
  static_assert(maxOutput >= 60 && maxOutput <= 245, "a line has 60 to 245 bytes");

  serialgateway::Part storage_[maxParts];
  char output_[serialgateway::LineWriter::kHead + maxOutput + serialgateway::LineWriter::kTail];
};

// SerialGateway has the sizes that suit most sketches.
typedef SizedSerialGateway<12, 80> SerialGateway;

#endif
