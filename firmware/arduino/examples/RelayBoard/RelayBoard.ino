// RelayBoard: four relays and a lock. The board confirms each command. While the lock
// is open (pin 2 is high), it refuses to switch a relay on, with a reason.
//
//   2         lock: connected to ground while closed
//   4 to 7    relays
//
//   pump=on       !ok 1 taken=…
//   pump=on       !no 2 taken=… the lock is open

#include <SerialGateway.h>

const int kLockPin = 2;
const int kFirstRelayPin = 4;

SerialGateway gateway(Serial);

void set(int relay, bool on) {
  if (on && digitalRead(kLockPin) == HIGH) {
    gateway.refuse(F("the lock is open"));
    return;
  }
  digitalWrite(kFirstRelayPin + relay, on);
}

void setPump(bool on) { set(0, on); }
void setValve(bool on) { set(1, on); }
void setHeater(bool on) { set(2, on); }
void setLamp(bool on) { set(3, on); }

void setup() {
  Serial.begin(115200);
  pinMode(kLockPin, INPUT_PULLUP);
  for (int relay = 0; relay < 4; relay++) pinMode(kFirstRelayPin + relay, OUTPUT);
  gateway.begin(F("relays"));
  gateway.on(F("pump"), setPump);
  gateway.on(F("valve"), setValve);
  gateway.on(F("heater"), setHeater);
  gateway.on(F("lamp"), setLamp);
}

void loop() { gateway.loop(); }
