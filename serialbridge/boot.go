package serialbridge

import (
	"bytes"
	"unicode/utf8"
)

// isBootOutput reports whether a line from before the board was ready is a
// bootloader's and not a reading: the sketch does not run yet.
func isBootOutput(line []byte) bool { return isGarbled(line) || isROMOutput(line) }

// isGarbled reports whether a line has control characters or hardly any text. An
// ESP8266 boots at 74880 baud, and the pins of an Uno float while it resets:
//
//	\x00rl\x9c\x9e|\x00\x8c\x84\xec\x0c
func isGarbled(line []byte) bool {
	odd := 0
	for rest := line; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		rest = rest[size:]
		switch {
		case r == '\t' || r == '\r' || r == '\x1b':
		case r < ' ' || r == '\x7f':
			return true
		case r == utf8.RuneError && size == 1: // 23.5\xb0C in Latin-1 has one
			odd++
		}
	}
	return odd > len(line)/4
}

// romPrefixes begin what the ROM of an ESP8266 or ESP32 prints at a reset. Some
// of these lines would pass for readings:
//
//	ets Jul 29 2019 12:21:46
//	rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)
//	configsip: 0, SPIWP:0xee
//	clk_drv:0x00,q_drv:0x00,d_drv:0x00,cs0_drv:0x00,hd_drv:0x00,wp_drv:0x00
//	mode:DIO, clock div:1
//	load:0x3fff0030,len:1184
//	ho 0 tail 12 room 4
//	entry 0x400805e4
//	ESP-ROM:esp32c3-api1-20210207
//	Build:Feb  7 2021
//	SPIWP:0xee
//	Saved PC:0x40376a3e
//	load 0x4010f000, len 3424, room 16
//	tail 0
//	chksum 0x2e
//	csum 0x2e
var romPrefixes = [][]byte{
	[]byte("ets "), []byte("rst:0x"), []byte("configsip: "), []byte("clk_drv:0x"),
	[]byte("mode:DIO, clock div:"), []byte("mode:DOUT, clock div:"),
	[]byte("mode:QIO, clock div:"), []byte("mode:QOUT, clock div:"),
	[]byte("load:0x"), []byte("ho 0 tail "), []byte("entry 0x"),
	[]byte("ESP-ROM:"), []byte("Build:"), []byte("SPIWP:0x"), []byte("Saved PC:0x"),
	[]byte("load 0x"), []byte("tail "), []byte("chksum 0x"), []byte("csum 0x"),
}

func isROMOutput(line []byte) bool {
	line = bytes.TrimLeft(line, " ")
	for _, begin := range romPrefixes {
		if bytes.HasPrefix(line, begin) {
			return true
		}
	}
	return false
}
