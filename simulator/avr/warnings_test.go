package avr

import "testing"

func TestOwnWarnings_RemovesThoseOfTheCore(t *testing.T) {
	const core = "/usr/share/arduino/hardware/arduino/avr/cores/arduino/USBCore.cpp: In function 'USB_Recv.constprop':\n" +
		"/usr/share/arduino/hardware/arduino/avr/cores/arduino/USBCore.cpp:255:16: warning: 'c' may be used uninitialized [-Wmaybe-uninitialized]\n" +
		"  255 |         return c;\n" +
		"      |                ^\n"
	const own = "/home/pi/Blink/Blink.ino: In function 'void loop()':\n" +
		"/home/pi/Blink/Blink.ino:4:7: warning: unused variable 'x' [-Wunused-variable]\n" +
		"   int x;\n"
	if got := ownWarnings(core + own + core); got != own {
		t.Errorf("got %q", got)
	}
}
