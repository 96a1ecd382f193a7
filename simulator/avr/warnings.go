package avr

import "strings"

// ownWarnings leaves out what the compiler says of the core, as a newer one does:
// such a message goes on in the lines that are indented.
//
//	/usr/share/arduino/hardware/arduino/avr/cores/arduino/USBCore.cpp:255:16: warning: 'c' may be used uninitialized [-Wmaybe-uninitialized]
//	  255 |         return c;
//	      |                ^
func ownWarnings(stderr string) string {
	var own strings.Builder
	core := false
	for line := range strings.Lines(stderr) {
		if !strings.HasPrefix(line, " ") {
			core = strings.HasPrefix(line, hardware)
		}
		if !core {
			own.WriteString(line)
		}
	}
	return own.String()
}
