// Busy: takes no input for 400 ms of every 500, as with a slow sensor, and prints 20
// lines a second. It counts and sums the commands that it ran.

#include <SerialGateway.h>

SerialGateway gateway(Serial);

unsigned ran = 0;
unsigned line = 0;
unsigned long sum = 0;

void run(int value) {
  ran++;
  sum = sum * 31 + value;  // so that their order counts too
}

void print() {
  gateway.beginLine();
  gateway.add(F("line"), ++line);
  gateway.add(F("ran"), ran);
  gateway.add(F("sum"), sum);
  gateway.endLine();
}

void setup() {
  Serial.begin(115200);
  gateway.begin(F("busy"));
  gateway.on(F("add 0..9999"), run);
}

void loop() {
  for (int i = 0; i < 8; i++) {
    print();
    delay(50);
  }
  print();
  gateway.wait(50);
  print();
  gateway.wait(50);
}
