package ports

import (
	"slices"
	"testing"

	"arduino-gateway/internal/portstest"
)

// What is not a board is recognized by its driver or product, and no board is.
func TestForeign_RecognizesWhatIsNotABoard(t *testing.T) {
	usb := func(vid, pid, manufacturer, product, driver string) Port {
		return Port{VID: vid, PID: pid, Manufacturer: manufacturer, Product: product, Driver: driver}
	}
	for _, c := range []struct {
		port    Port
		console bool
		want    string
	}{
		{usb("1cf1", "0030", "dresden elektronik ingenieurtechnik GmbH", "ConBee II", "cdc_acm"), false, "is a Zigbee adapter"},
		{usb("0403", "6015", "dresden elektronik", "ConBee III", "ftdi_sio"), false, "is a Zigbee adapter"},
		{usb("1a86", "55d4", "ITEAD", "SONOFF Zigbee 3.0 USB Dongle Plus V2", "cdc_acm"), false, "is a Zigbee adapter"},
		{usb("10c4", "ea60", "ITead", "Sonoff Zigbee 3.0 USB Dongle Plus", "cp210x"), false, "is a Zigbee adapter"},
		{usb("10c4", "ea60", "Nabu Casa", "SkyConnect v1.0", "cp210x"), false, "is a Zigbee adapter"},
		{usb("10c4", "ea60", "SMLIGHT", "SMLIGHT SLZB-07p7", "cp210x"), false, "is a Zigbee adapter"},
		{usb("10c4", "ea60", "Silicon Labs", "CP2102N USB to UART Bridge Controller", "cp210x"), false, ""},
		{usb("1a86", "7523", "", "USB Serial", "ch341"), false, ""},
		{usb("1a86", "7523", "", "TubesZB", "ch341"), false, "is a Zigbee adapter"},
		{usb("0658", "0200", "", "", "cdc_acm"), false, "is a Z-Wave adapter"},
		{usb("303a", "4001", "Nabu Casa", "NABU CASA ZWA-2", "cdc_acm"), false, "is a Z-Wave adapter"},
		{usb("1546", "01a7", "u-blox AG - www.u-blox.com", "u-blox 7 - GPS/GNSS Receiver", "cdc_acm"), false, "is a GPS receiver or modem"},
		{usb("2c99", "0002", "Prusa Research (prusa3d.com)", "Original Prusa i3 MK3", "cdc_acm"), false, "is a 3D printer"},
		{usb("1d50", "614e", "Klipper", "stm32f446xx", "cdc_acm"), false, "is a 3D printer"},
		{usb("051d", "0003", "American Power Conversion", "UPS", "cdc_acm"), false, "is a UPS"},
		{usb("12d1", "1506", "HUAWEI", "HUAWEI Mobile", "option"), false, "is a modem: its driver is option"},
		{usb("2c7c", "0125", "Quectel", "EC25-EU", "qmi_wwan"), false, "is a modem: its driver is qmi_wwan"},
		{Port{node: "ttyS0"}, true, "is the kernel's console"},
		{Port{node: "ttyS0"}, false, ""},
		{Port{}, false, ""},
	} {
		if got := Foreign(c.port, c.console); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.port.USB(), c.port.Product, got, c.want)
		}
	}
	for name, b := range portstest.Boards {
		if got := Foreign(usb(hex4(b.VID), hex4(b.PID), b.Manufacturer, b.Product, b.Driver), false); got != "" {
			t.Errorf("%s %s", name, got)
		}
	}
}

// Only a pattern that names a port overrules Foreign; one without a port is reported.
func TestChoose_LeavesAloneWhatIsNotABoard(t *testing.T) {
	f := newFake(t)
	f.plug("1-1", "nano-clone", "ttyUSB0")
	f.plug("1-2", "uno", "ttyACM0")
	stick := portstest.Board{VID: "10c4", PID: "ea60", Serial: "75B1", Manufacturer: "Nabu Casa", Product: "SkyConnect v1.0", Driver: "cp210x"}
	must(t, portstest.Plug(f.Root, "1-3", stick, "ttyUSB1"))
	f.write("sys/class/tty/console/active", "tty0 ttyUSB2\n")
	must(t, portstest.Plug(f.Root, "1-4", portstest.Boards["ftdi"], "ttyUSB2"))
	for _, c := range []struct {
		patterns               []string
		free, alone, unmatched []string
	}{
		{nil, []string{"ttyACM0", "ttyUSB0"}, []string{"ttyUSB1", "ttyUSB2"}, nil},
		{[]string{"usb:1a86:*"}, []string{"ttyUSB0"}, nil, nil}, // it has no serial number
		{[]string{"usb:2341:0043"}, []string{"ttyACM0"}, nil, nil},
		{[]string{"usb:2341:*"}, []string{"ttyACM0"}, nil, nil},
		{[]string{"USB:1A86:7523"}, []string{"ttyUSB0"}, nil, nil},
		{[]string{"usb-path:1-2"}, []string{"ttyACM0"}, nil, nil}, // it has a serial number
		{[]string{"usb:10c4:*"}, nil, []string{"ttyUSB1"}, nil},
		{[]string{"usb:10c4:ea60:75B1"}, []string{"ttyUSB1"}, nil, nil},
		{[]string{f.path("dev/ttyUSB2"), "usb:dead:*"}, []string{"ttyUSB2"}, nil, []string{"usb:dead:*"}},
	} {
		all, err := f.scan()
		must(t, err)
		choice := f.Choose(all, c.patterns, nil)
		var free, alone []string
		for _, p := range choice.Free {
			free = append(free, p.node)
		}
		for _, p := range choice.LeftAlone {
			alone = append(alone, p.Port.node)
		}
		if !slices.Equal(free, c.free) || !slices.Equal(alone, c.alone) || !slices.Equal(choice.Unmatched, c.unmatched) {
			t.Errorf("%q: free %q, left alone %q, unmatched %q", c.patterns, free, alone, choice.Unmatched)
		}
	}
}
