package ports

import "strings"

// Kind tells what opening a port does to its board.
type Kind uint8

// The kinds of ports.
const (
	Unknown Kind = iota // it may reset
	Bridge              // a USB-to-serial chip: opening resets the board behind it
	Native              // the board's own USB: opening resets nothing, it prints only while DTR is up
	OnBoard             // a UART of this machine: opening resets nothing
)

// String is the kind for scripts.
func (k Kind) String() string {
	return [...]string{"unknown", "bridge", "native", "uart"}[k]
}

// Chip is what the table knows of a USB identity. A text that is not known is "".
type Chip struct {
	Kind       Kind
	Name       string // such as CH340
	Board      string // where the identity belongs to one board
	Bootloader bool   // the board is in its bootloader, and no sketch runs
}

func bridge(name, board string) Chip { return Chip{Kind: Bridge, Name: name, Board: board} }
func native(name, board string) Chip { return Chip{Kind: Native, Name: name, Board: board} }
func bootloader(name, board string) Chip {
	return Chip{Kind: Native, Name: name, Board: board, Bootloader: true}
}

// chips are known by vendor and product, from the boards.txt of the Arduino
// cores and the tables of Linux's drivers.
var chips = map[string]Chip{
	// Boards with an ATmega16U2 or 8U2, whose own firmware is the bridge.
	"2341:0001": bridge("ATmega8U2", "Arduino Uno"),
	"2341:0043": bridge("ATmega16U2", "Arduino Uno"),
	"2341:0243": bridge("ATmega16U2", "Arduino Uno"),
	"2a03:0043": bridge("ATmega16U2", "Arduino Uno"),
	"2341:006a": bridge("ATmega16U2", "Arduino Uno"),
	"2341:0062": bridge("ATmega16U2", "Arduino Uno Mini"),
	"2a03:0057": bridge("ATmega16U2", "Arduino Uno WiFi"),
	"2341:0010": bridge("ATmega8U2", "Arduino Mega 2560"),
	"2341:0042": bridge("ATmega16U2", "Arduino Mega 2560"),
	"2341:0210": bridge("ATmega16U2", "Arduino Mega 2560"),
	"2341:0242": bridge("ATmega16U2", "Arduino Mega 2560"),
	"2a03:0010": bridge("ATmega16U2", "Arduino Mega 2560"),
	"2a03:0042": bridge("ATmega16U2", "Arduino Mega 2560"),
	"2341:003f": bridge("ATmega8U2", "Arduino Mega ADK"),
	"2341:0044": bridge("ATmega16U2", "Arduino Mega ADK"),
	"2a03:003f": bridge("ATmega8U2", "Arduino Mega ADK"),
	"2a03:0044": bridge("ATmega16U2", "Arduino Mega ADK"),
	"2341:003d": bridge("ATmega16U2", "Arduino Due (programming port)"),
	"2a03:003d": bridge("ATmega16U2", "Arduino Due (programming port)"),
	"2341:003b": bridge("ATmega16U2", "Arduino USB-Serial"),
	"03eb:204b": bridge("ATmega16U2", ""), // LUFA's own identity, on clones

	// Boards with an ATmega32U4.
	"2341:8036": native("ATmega32U4", "Arduino Leonardo"),
	"2a03:8036": native("ATmega32U4", "Arduino Leonardo"),
	"2a03:8040": native("ATmega32U4", "Arduino Leonardo ETH"),
	"2341:8037": native("ATmega32U4", "Arduino Micro"),
	"2341:8237": native("ATmega32U4", "Arduino Micro"),
	"2a03:8037": native("ATmega32U4", "Arduino Micro"),
	"2341:803c": native("ATmega32U4", "Arduino Esplora"),
	"2a03:803c": native("ATmega32U4", "Arduino Esplora"),
	"2341:8038": native("ATmega32U4", "Arduino Robot Control"),
	"2a03:8038": native("ATmega32U4", "Arduino Robot Control"),
	"2341:8039": native("ATmega32U4", "Arduino Robot Motor"),
	"2a03:8039": native("ATmega32U4", "Arduino Robot Motor"),
	"2341:8041": native("ATmega32U4", "Arduino Yun"),
	"2a03:8041": native("ATmega32U4", "Arduino Yun"),
	"2a03:8050": native("ATmega32U4", "Arduino Yun Mini"),
	"1b4f:9208": native("ATmega32U4", "LilyPad Arduino USB"),
	"1b4f:9206": native("ATmega32U4", "SparkFun Pro Micro"),
	"1b4f:9204": native("ATmega32U4", "SparkFun Pro Micro"),
	"239a:800c": native("ATmega32U4", "Adafruit Feather 32u4"),
	"239a:8011": native("ATmega32U4", "Adafruit Circuit Playground"),
	"2341:0036": bootloader("ATmega32U4", "Arduino Leonardo"),
	"2a03:0036": bootloader("ATmega32U4", "Arduino Leonardo"),
	"2a03:0040": bootloader("ATmega32U4", "Arduino Leonardo ETH"),
	"2341:0037": bootloader("ATmega32U4", "Arduino Micro"),
	"2341:0237": bootloader("ATmega32U4", "Arduino Micro"),
	"2a03:0037": bootloader("ATmega32U4", "Arduino Micro"),
	"2341:003c": bootloader("ATmega32U4", "Arduino Esplora"),
	"2a03:003c": bootloader("ATmega32U4", "Arduino Esplora"),
	"2341:0038": bootloader("ATmega32U4", "Arduino Robot Control"),
	"2a03:0038": bootloader("ATmega32U4", "Arduino Robot Control"),
	"2341:0039": bootloader("ATmega32U4", "Arduino Robot Motor"),
	"2a03:0039": bootloader("ATmega32U4", "Arduino Robot Motor"),
	"2341:0041": bootloader("ATmega32U4", "Arduino Yun"),
	"2a03:0041": bootloader("ATmega32U4", "Arduino Yun"),
	"2a03:0050": bootloader("ATmega32U4", "Arduino Yun Mini"),
	"1b4f:9207": bootloader("ATmega32U4", "LilyPad Arduino USB"),
	"1b4f:9205": bootloader("ATmega32U4", "SparkFun Pro Micro"),
	"1b4f:9203": bootloader("ATmega32U4", "SparkFun Pro Micro"),
	"239a:000c": bootloader("ATmega32U4", "Adafruit Feather 32u4"),

	// Boards with an Arm processor that has USB.
	"2341:003e": native("SAM3X8E", "Arduino Due (native port)"),
	"2a03:003e": native("SAM3X8E", "Arduino Due (native port)"),
	"2341:804d": native("SAMD21", "Arduino Zero (native port)"),
	"2a03:804d": native("SAMD21", "Arduino Zero (native port)"),
	"2341:804e": native("SAMD21", "Arduino MKR1000"),
	"2a03:804e": native("SAMD21", "Arduino MKR1000"),
	"2341:804f": native("SAMD21", "Arduino MKR ZERO"),
	"2a03:804f": native("SAMD21", "Arduino MKR ZERO"),
	"2341:8050": native("SAMD21", "Arduino MKR FOX 1200"),
	"2341:8052": native("SAMD21", "Arduino MKR GSM 1400"),
	"2341:8053": native("SAMD21", "Arduino MKR WAN 1300"),
	"2341:8054": native("SAMD21", "Arduino MKR WiFi 1010"),
	"2341:8055": native("SAMD21", "Arduino MKR NB 1500"),
	"2341:8056": native("SAMD21", "Arduino MKR Vidor 4000"),
	"2341:8057": native("SAMD21", "Arduino Nano 33 IoT"),
	"2341:8059": native("SAMD21", "Arduino MKR WAN 1310"),
	"2341:805a": native("nRF52840", "Arduino Nano 33 BLE"),
	"2341:005e": native("RP2040", "Arduino Nano RP2040 Connect"),
	"2341:0070": native("ESP32-S3", "Arduino Nano ESP32"),
	"2341:0069": native("RA4M1", "Arduino Uno R4 Minima"),
	"2341:004d": bootloader("SAMD21", "Arduino Zero"),
	"2341:004e": bootloader("SAMD21", "Arduino MKR1000"),
	"2341:004f": bootloader("SAMD21", "Arduino MKR ZERO"),
	"2341:0050": bootloader("SAMD21", "Arduino MKR FOX 1200"),
	"2341:0052": bootloader("SAMD21", "Arduino MKR GSM 1400"),
	"2341:0053": bootloader("SAMD21", "Arduino MKR WAN 1300"),
	"2341:0054": bootloader("SAMD21", "Arduino MKR WiFi 1010"),
	"2341:0055": bootloader("SAMD21", "Arduino MKR NB 1500"),
	"2341:0056": bootloader("SAMD21", "Arduino MKR Vidor 4000"),
	"2341:0057": bootloader("SAMD21", "Arduino Nano 33 IoT"),
	"2341:0059": bootloader("SAMD21", "Arduino MKR WAN 1310"),
	"2341:005a": bootloader("nRF52840", "Arduino Nano 33 BLE"),
	"2341:015e": bootloader("RP2040", "Arduino Nano RP2040 Connect"),
	"2341:0369": bootloader("RA4M1", "Arduino Uno R4 Minima"),
	"2e8a:0005": native("RP2040", "Raspberry Pi Pico (MicroPython)"),
	"2e8a:0009": native("RP2350", "Raspberry Pi Pico"),
	"2e8a:000a": native("RP2040", "Raspberry Pi Pico"),
	"2e8a:000f": native("RP2350", "Raspberry Pi Pico 2"),
	"2e8a:f00a": native("RP2040", "Raspberry Pi Pico W"),
	"2e8a:f00f": native("RP2350", "Raspberry Pi Pico 2 W"),
	"2e8a:0003": bootloader("RP2040", "Raspberry Pi Pico"),
	"0483:5740": native("STM32", ""),
	"1eaf:0004": native("STM32", "Maple"),

	// Espressif's own USB.
	"303a:1001": native("ESP32-S3, C3 or C6", ""),
	"303a:0002": bootloader("ESP32-S2", ""),
	"303a:0009": bootloader("ESP32-S3", ""),

	// Teensy, by the USB type that the IDE offers.
	"16c0:0483": native("Teensy", "Teensy"),
	"16c0:0487": native("Teensy", "Teensy"),
	"16c0:0489": native("Teensy", "Teensy"),
	"16c0:048a": native("Teensy", "Teensy"),
	"16c0:048b": native("Teensy", "Teensy"),
	"16c0:048c": native("Teensy", "Teensy"),
	"16c0:0478": bootloader("Teensy", "Teensy"),

	// WCH.
	"1a86:7522": bridge("CH340", ""),
	"1a86:7523": bridge("CH340", ""),
	"1a86:e523": bridge("CH330", ""),
	"1a86:5523": bridge("CH341", ""),
	"4348:5523": bridge("CH341", ""),
	"9986:7523": bridge("CH340", ""),
	"1a86:55d2": bridge("CH342", ""),
	"1a86:55d3": bridge("CH343", ""),
	"1a86:55d4": bridge("CH9102", ""),
	"1a86:55d5": bridge("CH344", ""),
	"1a86:55d8": bridge("CH9101", ""),

	// Silicon Labs.
	"10c4:ea60": bridge("CP210x", ""),
	"10c4:ea61": bridge("CP210x", ""),
	"10c4:ea63": bridge("CP210x", ""),
	"10c4:ea70": bridge("CP2105", ""),
	"10c4:ea71": bridge("CP2108", ""),

	// FTDI.
	"0403:6001": bridge("FT232R", ""),
	"0403:6010": bridge("FT2232", ""),
	"0403:6011": bridge("FT4232", ""),
	"0403:6014": bridge("FT232H", ""),
	"0403:6015": bridge("FT231X", ""),

	// Prolific.
	"067b:2303": bridge("PL2303", ""),
	"067b:2304": bridge("PL2303", ""),
	"067b:23a3": bridge("PL2303GC", ""),
	"067b:23b3": bridge("PL2303GB", ""),
	"067b:23c3": bridge("PL2303GT", ""),
	"067b:23d3": bridge("PL2303GL", ""),
	"067b:23e3": bridge("PL2303GE", ""),
	"067b:23f3": bridge("PL2303GS", ""),
	"0557:2008": bridge("PL2303", ""),
}

// drivers tell of a chip whose identity the table does not have.
var drivers = map[string]string{"ch341": "CH34x", "cp210x": "CP210x", "ftdi_sio": "FTDI", "pl2303": "PL2303"}

// chipOf looks a USB identity up; a driver tells less. Vendors whose sketches
// have the product numbers from 8000 up keep those below for bootloaders.
func chipOf(vid, pid, driver string) Chip {
	if chip, known := chips[vid+":"+pid]; known {
		return chip
	}
	if name := drivers[driver]; name != "" {
		return bridge(name, "")
	}
	switch {
	case vid == "303a":
		return native("ESP32", "")
	case vid == "2e8a" && driver == "cdc_acm":
		return native("RP2040", "")
	case (vid == "239a" || vid == "2886") && driver == "cdc_acm":
		return Chip{Kind: Native, Bootloader: strings.Compare(pid, "8000") < 0}
	}
	return Chip{}
}
