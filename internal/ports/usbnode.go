package ports

import (
	"fmt"
	"path/filepath"
	"strconv"
)

// USBNode returns the node of the USB device behind a port, such as
// /dev/bus/usb/001/004, if this process may reset the device and that does no harm but to
// restart its board. "" is none. It must be a USB-to-serial chip that the table knows from
// a source, without a meaning of its own in a restart, with one port, and without another
// function, which another program may use.
func (m Machine) USBNode(p Port) string {
	device, _, onUSB := usbFolders(p.at)
	if !onUSB || p.Chip.Kind != Bridge || p.Chip.Source == "" || p.Chip.SlowIsOrder || p.Chip.Bootloader || !soleFunction(device, p.Driver) {
		return ""
	}
	bus, err := strconv.Atoi(attribute(device, "busnum"))
	if err != nil {
		return ""
	}
	number, err := strconv.Atoi(attribute(device, "devnum"))
	if err != nil {
		return ""
	}
	node := m.path("dev/bus/usb", fmt.Sprintf("%03d", bus), fmt.Sprintf("%03d", number))
	if mayUse(node) != nil {
		return ""
	}
	return node
}

// soleFunction reports whether a USB device has one port and nothing else. A port of
// cdc_acm has two interfaces, one of them without a folder tty.
func soleFunction(device, driver string) bool {
	interfaces, _ := filepath.Glob(filepath.Join(device, "*:*"))
	for _, at := range interfaces {
		if target(at, "driver") != driver {
			return false
		}
	}
	cdc, _ := filepath.Glob(filepath.Join(device, "*:*", "tty", "tty*"))
	others, _ := filepath.Glob(filepath.Join(device, "*:*", "tty?*", "tty", "tty*"))
	return driver != "" && len(cdc)+len(others) == 1
}
