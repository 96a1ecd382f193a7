package avr_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"arduino-gateway/simulator/avr"
)

// What a crashed CPU was about, and where, is in the error.
func TestUno_ReportsWhyItsCPUStopped(t *testing.T) {
	t.Parallel()
	for statement, want := range map[string]string{
		`*(volatile char *)0x1000 = 1;`:        "Invalid write address",
		`cli(); SMCR = _BV(SE); asm("sleep");`: "sleeps with interrupts off",
	} {
		uno := start(t, avr.Options{Hex: compileText(t, "void setup() { "+statement+" }\nvoid loop() {}\n"), NoReset: true})
		select {
		case <-uno.Done():
		case <-testContext(t).Done():
			t.Fatalf("%s: it still runs", statement)
		}
		if err := uno.Reset(testContext(t)); !errors.Is(err, avr.ErrGone) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", statement, err)
		}
	}
}

// Bytes for which the core's buffer has no room count as lost.
func TestUno_CountsTheOverrunOfItsBuffer(t *testing.T) {
	t.Parallel()
	uno := start(t, avr.Options{Hex: compileText(t, "void setup() { Serial.begin(115200); Serial.println(\"ready\"); }\nvoid loop() {}\n")})
	port := open(t, uno.Port(), 115200)
	port.wait("ready")
	port.write(strings.Repeat("x", 200))
	stats := waitStats(t, uno, func(s avr.Stats) bool { return s.Received == 200 && s.Overrun >= 200-63 })
	if stats.Overrun != 200-63 {
		t.Errorf("%d bytes were lost", stats.Overrun)
	}
}

// A sketch that hangs is reset by its watchdog, boots, and is counted.
func TestUno_CountsWatchdogResets(t *testing.T) {
	t.Parallel()
	uno := start(t, avr.Options{Hex: compileText(t, `#include <avr/wdt.h>
void setup() { wdt_disable(); Serial.begin(115200); Serial.println("boot"); Serial.flush(); wdt_enable(WDTO_30MS); }
void loop() {}
`), NoReset: true})
	port := open(t, uno.Port(), 115200)
	for range 3 {
		port.wait("boot")
	}
	if s := waitStats(t, uno, func(s avr.Stats) bool { return s.WatchdogResets >= 3 }); s.Resets != s.WatchdogResets {
		t.Errorf("%d resets, %d of them by the watchdog", s.Resets, s.WatchdogResets)
	}
}

// waitStats waits until the counts of an Uno are as wanted. Each question is
// answered after a millisecond of the board's time.
func waitStats(t *testing.T, uno *avr.Uno, reached func(avr.Stats) bool) avr.Stats {
	t.Helper()
	ctx := testContext(t)
	for {
		stats, err := uno.Stats(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if reached(stats) {
			return stats
		}
		if ctx.Err() != nil {
			t.Fatalf("the counts stay %+v", stats)
		}
	}
}

// A board in the deepest sleep wakes by its watchdog, and by nothing else: its
// clock stands still meanwhile.
func TestUno_SleepsUntilItsWatchdog(t *testing.T) {
	t.Parallel()
	uno := start(t, avr.Options{Hex: compileText(t, `#include <avr/sleep.h>
#include <avr/wdt.h>
volatile byte woken;
ISR(WDT_vect) { woken++; }
void setup() {
  Serial.begin(115200);
  set_sleep_mode(SLEEP_MODE_PWR_DOWN);
  WDTCSR = _BV(WDCE) | _BV(WDE);
  WDTCSR = _BV(WDIE) | WDTO_120MS;
  unsigned long before = millis();
  int sleeps = 0;
  while (woken < 4) { sleep_mode(); sleeps++; }
  Serial.print(sleeps); Serial.print(' '); Serial.println(millis() - before < 20);
}
void loop() {}
`), NoReset: true})
	open(t, uno.Port(), 115200).wait("4 1")
	if s, err := uno.Stats(testContext(t)); err != nil || s.WatchdogResets != 0 || s.Simulated < 400*time.Millisecond {
		t.Errorf("got %+v, %v", s, err)
	}
}
