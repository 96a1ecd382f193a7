package ports

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"arduino-gateway/internal/portstest"
)

// household plugs in one board of each kind.
func household(t *testing.T) fake {
	t.Helper()
	f := newFake(t)
	f.plug("1-1.1", "uno", "ttyACM0")
	f.plug("1-1.2", "nano-clone", "ttyUSB0")
	f.plug("1-1.3", "nano-clone", "ttyUSB10")
	f.plug("1-1.4", "nano-zero", "ttyUSB2")
	f.plug("1-2", "cp2105", "ttyUSB3", "ttyUSB4")
	f.plug("1-3", "ftdi", "ttyUSB5")
	f.plug("1-4", "pico", "ttyACM1")
	f.plug("1-5", "esp32-s3", "ttyACM2")
	f.plug("1-6", "pl2303", "ttyUSB6")
	f.plug("1-7", "broken", "ttyUSB7")
	f.plug("1-8", "cp2102", "ttyUSB8")
	f.plug("1-9", "leonardo", "ttyACM3")
	f.plug("1-10", "teensy", "ttyACM4")
	f.plug("1-11", "zero", "ttyACM5")
	f.plug("2-1", "mega", "ttyACM6")
	f.plug("2-2", "ch9102", "ttyACM7")
	f.plug("2-3", "odd", "ttyACM8")
	f.plug("2-4", "leonardo-bootloader", "ttyACM9")
	must(t, portstest.UART(f.Root, "ttyAMA0", "uart-pl011", 32))
	must(t, portstest.UART(f.Root, "ttyS0", "serial8250", 0))
	must(t, portstest.Virtual(f.Root, "tty1"))
	must(t, portstest.Virtual(f.Root, "ptmx"))
	must(t, portstest.Virtual(f.Root, "rfcomm0"))
	must(t, os.Symlink("nowhere", f.path("sys/class/tty/ttyUSB99")))
	f.udevLink("serial/by-id/usb-Silicon_Labs_CP2105_00A8C4F1-if01-port0", "ttyUSB4")
	f.udevLink("serial/by-path/platform-usb-0:1.2:1.0-port0", "ttyUSB0")
	f.udevLink("serial0", "ttyAMA0")
	return f
}

// TestList_Household expects the value and name of every kind of port.
func TestList_Household(t *testing.T) {
	f := household(t)
	var got []string
	for _, p := range f.list() {
		got = append(got, strings.Join([]string{filepath.Base(p.Path), f.short(p.Value), p.USB(), p.Chip.Kind.String(), p.Name()}, " | "))
	}
	want := []string{
		"ttyACM0 | usb:2341:0043:75630313536351F0B1A1 | 2341:0043 | bridge | Arduino Uno",
		"ttyACM1 | usb:2e8a:000a:E660583883724F2B | 2e8a:000a | native | Raspberry Pi Pico",
		"ttyACM2 | usb:303a:1001:34:85:18:AB:CD:EF | 303a:1001 | native | ESP32-S3, C3 or C6",
		"ttyACM3 | usb-path:1-9 | 2341:8036 | native | Arduino Leonardo",
		"ttyACM4 | usb:16c0:0483:12345670 | 16c0:0483 | native | Teensy",
		"ttyACM5 | usb:2341:804d:0B8A1F5C5150484C4E202020FF0E1B17 | 2341:804d | native | Arduino Zero (native port)",
		"ttyACM6 | usb:2341:0042:55639303834351D0F0B1 | 2341:0042 | bridge | Arduino Mega 2560",
		"ttyACM7 | usb:1a86:55d4:54B4025313 | 1a86:55d4 | bridge | CH9102",
		"ttyACM8 | usb-path:2-3 | cafe:4001 | unknown | A \ufffd board",
		"ttyACM9 | usb-path:2-4 | 2341:0036 | native | Arduino Leonardo",
		"ttyUSB0 | usb-path:1-1.2 | 1a86:7523 | bridge | CH340",
		"ttyUSB2 | usb-path:1-1.4 | 1a86:7523 | bridge | CH340",
		"ttyUSB3 | usb-path:1-2:1.0 | 10c4:ea70 | bridge | CP2105",
		"ttyUSB4 | /dev/serial/by-id/usb-Silicon_Labs_CP2105_00A8C4F1-if01-port0 | 10c4:ea70 | bridge | CP2105",
		"ttyUSB5 | usb:0403:6001:A9GDXT3P | 0403:6001 | bridge | FT232R",
		"ttyUSB6 | usb-path:1-6 | 067b:2303 | bridge | PL2303",
		"ttyUSB7 | usb-path:1-7 |  | bridge | CH34x",
		"ttyUSB8 | usb-path:1-8 | 10c4:ea60 | bridge | CP210x",
		"ttyUSB10 | usb-path:1-1.3 | 1a86:7523 | bridge | CH340",
		"rfcomm0 | /dev/rfcomm0 |  | uart | Bluetooth",
		"ttyAMA0 | /dev/ttyAMA0 |  | uart | on-board UART",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestList_ValuesLeadBack resolves the value of each port: it must be the same port.
func TestList_ValuesLeadBack(t *testing.T) {
	f := household(t)
	for _, p := range f.list() {
		lease := NewTracker(f.Machine, nil).Lease("test", p.Value)
		must(t, os.MkdirAll(f.path("dev"), 0o755))
		if filepath.Base(p.Path) == "rfcomm0" {
			f.write("dev/rfcomm0", "")
		}
		got, err := lease.Find()
		if p.Chip.Bootloader {
			if err == nil {
				t.Errorf("%s was leased while in its bootloader", p.Value)
			}
			continue
		}
		must(t, err)
		real, err := filepath.EvalSymlinks(got.Path)
		must(t, err)
		if want, _ := filepath.EvalSymlinks(p.Path); real != want || got.Chip != p.Chip {
			t.Errorf("%s leads to %+v, want %s", p.Value, got, want)
		}
	}
}

// TestList_Details looks at the fields of a few ports.
func TestList_Details(t *testing.T) {
	f := household(t)
	uno, nano, uart := f.port("ttyACM0"), f.port("ttyUSB0"), f.port("ttyAMA0")
	if uno.Driver != "cdc_acm" || uno.USBPath != "1-1.1" || uno.Interface != "1.0" || uno.Manufacturer != "Arduino (www.arduino.cc)" {
		t.Errorf("%+v", uno)
	}
	if nano.Driver != "ch341" || nano.Product != "USB Serial" || !slices.Equal(nano.Links, []string{f.path("dev/serial/by-path/platform-usb-0:1.2:1.0-port0")}) {
		t.Errorf("%+v", nano)
	}
	if uart.Driver != "uart-pl011" || !slices.Equal(uart.Links, []string{f.path("dev/serial0")}) {
		t.Errorf("%+v", uart)
	}
	if two := f.port("ttyUSB4"); two.Interface != "1.1" || two.USBPath != "1-2" {
		t.Errorf("%+v", two)
	}
}

// TestList_SharedSerials plugs in two boards with one serial number, which is then no
// identity.
func TestList_SharedSerials(t *testing.T) {
	f := newFake(t)
	f.plug("1-1", "ftdi", "ttyUSB0")
	if got := f.port("ttyUSB0").Value; got != "usb:0403:6001:A9GDXT3P" {
		t.Errorf("alone: %s", got)
	}
	f.plug("1-2", "ftdi", "ttyUSB1")
	for node, want := range map[string]string{"ttyUSB0": "usb-path:1-1", "ttyUSB1": "usb-path:1-2"} {
		if got := f.port(node).Value; got != want {
			t.Errorf("%s of two: %s, want %s", node, got, want)
		}
	}
}

// TestValue_RealSerial tells unique serial numbers from common ones.
func TestValue_RealSerial(t *testing.T) {
	for serial, want := range map[string]bool{
		"": false, "0": false, "00": false, "0000000000": false, "FFFFFFFF": false, "0001": false, "12345678": false,
		"0123456789ABCDEF": false, "A50285BI": false, "ab\x01cd": false, "???": false,
		"A9GDXT3P": true, "75630313536351F0B1A1": true, "12345670": true, "my board": true,
	} {
		if got := realSerial(serial); got != want {
			t.Errorf("%q: %v", serial, got)
		}
	}
}

// TestList_SeveralPortsOfOneInterface has ports that only their links tell apart.
func TestList_SeveralPortsOfOneInterface(t *testing.T) {
	f := newFake(t)
	b := portstest.Boards["cp2102"]
	b.PID = "ea71"
	must(t, portstest.Plug(f.Root, "1-1", b, "ttyUSB0"))
	iface := "sys/devices/platform/usb1/1-1/1-1:1.0"
	f.write(iface+"/ttyUSB1/port_number", "1\n")
	f.write(iface+"/ttyUSB1/tty/ttyUSB1/dev", "188:1\n")
	f.write("dev/ttyUSB1", "")
	must(t, os.Symlink("../..", f.path(iface, "ttyUSB1/tty/ttyUSB1/device")))
	must(t, os.Symlink("../../"+strings.TrimPrefix(iface, "sys/")+"/ttyUSB1/tty/ttyUSB1", f.path("sys/class/tty/ttyUSB1")))
	f.udevLink("serial/by-path/usb-0:1:1.0-port1", "ttyUSB1")
	for node, want := range map[string]string{"ttyUSB0": "/dev/ttyUSB0", "ttyUSB1": "/dev/serial/by-path/usb-0:1:1.0-port1"} {
		if got := f.short(f.port(node).Value); got != want {
			t.Errorf("%s: %s, want %s", node, got, want)
		}
	}
}

// TestList_NoPorts lists a machine without ports, and one without /sys.
func TestList_NoPorts(t *testing.T) {
	f := newFake(t)
	if all := f.list(); len(all) != 0 {
		t.Errorf("%+v", all)
	}
	_, err := Machine{Root: f.path("nowhere")}.List()
	want := fmt.Sprintf("list serial ports: this system has no %s (hint: name the port by its path)", f.path("nowhere/sys/class/tty"))
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestList_PortsOfAMac has only /dev.
func TestList_PortsOfAMac(t *testing.T) {
	f := fake{Machine{Root: t.TempDir()}, t}
	f.write("dev/cu.usbmodem1101", "")
	f.write("dev/tty.usbmodem1101", "")
	if all := f.list(); len(all) != 1 || f.short(all[0].Value) != "/dev/cu.usbmodem1101" {
		t.Errorf("%+v", all)
	}
}

// TestList_ThisMachine lists the machine that runs the test.
func TestList_ThisMachine(t *testing.T) {
	if _, err := (Machine{Root: "/"}).List(); err != nil && !strings.Contains(err.Error(), "this system has no") {
		t.Error(err)
	}
}
