package avr

import "strings"

// ownWarnings removes the warnings about the core, which newer compilers print.
// Such a message continues in indented lines.
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
