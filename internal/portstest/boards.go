package portstest

// Board is a USB device with serial ports.
type Board struct {
	VID, PID, Serial, Manufacturer, Product string // "": the attribute is missing
	Driver                                  string // of its interfaces: cdc_acm, or a driver of usb-serial
	Modem                                   bool   // it claims to understand modem commands
	Interfaces                              []int  // each with a port; nil: only 0
	Unreadable                              bool   // reading any attribute fails
}

// Boards have the values that lsusb and udevadm show; the serial numbers are invented.
var Boards = map[string]Board{
	"uno": {VID: "2341", PID: "0043", Serial: "75630313536351F0B1A1", Manufacturer: "Arduino (www.arduino.cc)",
		Driver: "cdc_acm", Modem: true},
	"mega":     {VID: "2341", PID: "0042", Serial: "55639303834351D0F0B1", Manufacturer: "Arduino (www.arduino.cc)", Driver: "cdc_acm", Modem: true},
	"leonardo": {VID: "2341", PID: "8036", Manufacturer: "Arduino LLC", Product: "Arduino Leonardo", Driver: "cdc_acm"},
	"leonardo-bootloader": {VID: "2341", PID: "0036", Manufacturer: "Arduino LLC", Product: "Arduino Leonardo",
		Driver: "cdc_acm"},
	"nano-clone": {VID: "1A86", PID: "7523", Product: "USB Serial", Driver: "ch341"},
	"nano-zero":  {VID: "1A86", PID: "7523", Serial: "0", Product: "USB Serial", Driver: "ch341"},
	"ch9102":     {VID: "1A86", PID: "55D4", Serial: "54B4025313", Product: "USB Single Serial", Driver: "cdc_acm"},
	"cp2102":     {VID: "10C4", PID: "EA60", Serial: "0001", Manufacturer: "Silicon Labs", Product: "CP2102 USB to UART Bridge Controller", Driver: "cp210x"},
	"cp2105": {VID: "10C4", PID: "EA70", Serial: "00A8C4F1", Manufacturer: "Silicon Labs", Product: "CP2105 Dual USB to UART Bridge Controller",
		Driver: "cp210x", Interfaces: []int{0, 1}},
	"ftdi":     {VID: "0403", PID: "6001", Serial: "A9GDXT3P", Manufacturer: "FTDI", Product: "FT232R USB UART", Driver: "ftdi_sio"},
	"pico":     {VID: "2E8A", PID: "000A", Serial: "E660583883724F2B", Manufacturer: "Raspberry Pi", Product: "Pico", Driver: "cdc_acm"},
	"esp32-s3": {VID: "303A", PID: "1001", Serial: "34:85:18:AB:CD:EF", Manufacturer: "Espressif", Product: "USB JTAG/serial debug unit", Driver: "cdc_acm"},
	"pl2303":   {VID: "067B", PID: "2303", Manufacturer: "Prolific Technology Inc.", Product: "USB-Serial Controller", Driver: "pl2303"},
	"teensy":   {VID: "16C0", PID: "0483", Serial: "12345670", Manufacturer: "Teensyduino", Product: "USB Serial", Driver: "cdc_acm"},
	"zero":     {VID: "2341", PID: "804D", Serial: "0B8A1F5C5150484C4E202020FF0E1B17", Manufacturer: "Arduino LLC", Product: "Arduino Zero", Driver: "cdc_acm"},
	"broken":   {Driver: "ch341", Unreadable: true},
	"odd":      {VID: "cafe", PID: "4001", Serial: "my  board\x01", Product: "A \xff board", Driver: "cdc_acm"},
}

// Others are USB devices with serial ports that are not boards.
var Others = map[string]Board{
	"zigbee": {VID: "10C4", PID: "EA60", Serial: "0001", Manufacturer: "ITead", Product: "Sonoff Zigbee 3.0 USB Dongle Plus", Driver: "cp210x"},
	"modem":  {VID: "2C7C", PID: "0125", Manufacturer: "Quectel", Product: "EC25-EU", Driver: "option"},
}
