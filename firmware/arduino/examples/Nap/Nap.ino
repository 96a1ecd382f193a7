// Nap: prints a reading and sleeps for eight seconds in between, to save the battery. Only
// for AVR. The watchdog wakes the board; asleep, an Uno's chip takes some µA.
//
// The board sleeps only after everything is sent, and not while a command is coming. What
// comes while it sleeps is lost: the gateway sends a command again until it expires.

#include <SerialGateway.h>
#include <avr/sleep.h>
#include <avr/wdt.h>

SerialGateway gateway(Serial);

ISR(WDT_vect) {}  // without it the watchdog would reset the board

void nap() {
  gateway.flush();
  if (!gateway.idle()) return;
  noInterrupts();
  wdt_reset();
  WDTCSR = bit(WDCE) | bit(WDE);
  WDTCSR = bit(WDIE) | bit(WDP3) | bit(WDP0);  // an interrupt after 8 s
  set_sleep_mode(SLEEP_MODE_PWR_DOWN);
  sleep_enable();
  interrupts();
  sleep_cpu();
  sleep_disable();
  wdt_disable();
}

void setup() {
  Serial.begin(115200);
  gateway.begin(F("nap"));
  gateway.reading(F("light"));
}

void loop() {
  gateway.print(F("light"), analogRead(A0));
  gateway.wait(500);  // takes commands
  nap();
}
