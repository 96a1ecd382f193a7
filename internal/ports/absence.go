package ports

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// boardsWithoutPort returns the USB devices that the table knows as serial ports but
// that have no port: brltty took it, the driver is missing, or the board is in a
// bootloader without a serial port.
func (m Machine) boardsWithoutPort(ports []Port) (absent []Port) {
	entries, _ := os.ReadDir(m.path("sys/bus/usb/devices"))
	for _, entry := range entries {
		usbPath := entry.Name()
		if strings.Contains(usbPath, ":") || slices.ContainsFunc(ports, func(p Port) bool { return p.USBPath == usbPath }) {
			continue
		}
		at, err := filepath.EvalSymlinks(m.path("sys/bus/usb/devices", usbPath))
		if err != nil {
			continue
		}
		p := Port{USBPath: usbPath, at: at}
		p.readDevice(at)
		if p.Chip.Name != "" {
			p.Driver = interfaceDriver(at)
			absent = append(absent, p)
		}
	}
	return absent
}

// interfaceDriver returns the driver of the first interface that has one.
func interfaceDriver(device string) string {
	interfaces, _ := filepath.Glob(filepath.Join(device, "*:*"))
	for _, at := range interfaces {
		if name := target(at, "driver"); name != "" {
			return name
		}
	}
	return ""
}
