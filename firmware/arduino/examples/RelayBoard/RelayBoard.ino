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
const char* const kRelays[] = {"pump", "valve", "heater", "lamp"};

SerialGateway gateway(Serial);

// Each command calls it, with the name of its relay.
void setRelay(const char* name, bool on) {
  if (on && digitalRead(kLockPin) == HIGH) {
    gateway.refuse(F("the lock is open"));
    return;
  }
  int relay = 0;
  while (strcmp(name, kRelays[relay]) != 0) relay++;
  digitalWrite(kFirstRelayPin + relay, on);
}

void setup() {
  Serial.begin(115200);
  pinMode(kLockPin, INPUT_PULLUP);
  gateway.begin(F("relays"));
  for (int relay = 0; relay < 4; relay++) {
    pinMode(kFirstRelayPin + relay, OUTPUT);
    gateway.on(kRelays[relay], setRelay);
  }
}

void loop() { gateway.loop(); }
