package ports

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// tty reads one entry of /sys/class/tty. An entry without hardware is not a port.
func (m Machine) tty(name string) (Port, bool) {
	p := Port{node: name, Path: m.path("dev", name)}
	if strings.HasPrefix(name, "rfcomm") { // a board bound over Bluetooth, of which /sys has no more
		p.Chip = Chip{Kind: OnBoard, Name: "Bluetooth"}
		return p, true
	}
	entry := m.path("sys/class/tty", name)
	if to, err := os.Readlink(entry); err != nil || strings.Contains(to, "/devices/virtual/") {
		return Port{}, false // most entries
	}
	at, err := filepath.EvalSymlinks(entry)
	if err != nil {
		return Port{}, false
	}
	if p.at, err = filepath.EvalSymlinks(filepath.Join(at, "device")); err != nil {
		return Port{}, false
	}
	if usb, iface, ok := usbFolders(p.at); ok {
		p.readUSB(usb, iface)
		return p, true
	}
	return p, p.readUART(at)
}

// readUART fills in an on-board port. The kernel lists ttyS0 to ttyS3 even if they do
// not exist; those have type 0, unknown.
func (p *Port) readUART(at string) (exists bool) {
	p.Driver = p.driver()
	p.Chip = Chip{Kind: OnBoard, Name: "on-board UART"}
	kind := attribute(at, "type")
	return kind != "0" && (kind != "" || p.Driver != "")
}

// driver returns the driver of the nearest device that has one. It skips the layers
// that newer kernels put between a UART and its tty:
//
//	/sys/devices/pnp0/00:00/00:00:0/00:00:0.0/tty/ttyS0
func (p *Port) driver() string {
	for at := p.at; strings.Contains(at, "/devices/"); at = filepath.Dir(at) {
		if name := target(at, "driver"); name != "" && name != "port" && name != "ctrl" {
			return name
		}
	}
	return ""
}

// usbInterface matches the name of an interface in /sys: bus 1, port 1, port 2 of the
// hub there, configuration 1, interface 0:
//
//	1-1.2:1.0
var usbInterface = regexp.MustCompile(`^(\d+-\d+(?:\.\d+)*):(\d+\.\d+)$`)

// usbFolders returns the folders of the USB device and the interface to which a device
// belongs. It uses only names, which exist even if nothing in the folders is readable.
func usbFolders(at string) (device, iface string, ok bool) {
	for ; at != filepath.Dir(at); at = filepath.Dir(at) {
		if usbInterface.MatchString(filepath.Base(at)) {
			return filepath.Dir(at), at, true
		}
	}
	return "", "", false
}

func (p *Port) readUSB(device, iface string) {
	name := usbInterface.FindStringSubmatch(filepath.Base(iface))
	p.USBPath, p.Interface = name[1], name[2]
	p.Driver = target(iface, "driver")
	p.readDevice(device)
}

func (p *Port) readDevice(device string) {
	p.VID, p.PID = hex4(attribute(device, "idVendor")), hex4(attribute(device, "idProduct"))
	if p.VID == "" || p.PID == "" {
		p.VID, p.PID = "", ""
	}
	p.Serial = attribute(device, "serial")
	p.Manufacturer = attribute(device, "manufacturer")
	p.Product = attribute(device, "product")
	p.Chip = chipOf(p.VID, p.PID, p.Driver)
}

var fourDigits = regexp.MustCompile(`^[0-9a-f]{4}$`)

// hex4 returns four hexadecimal digits in lower case, or "" if text is anything else.
func hex4(text string) string {
	text = strings.ToLower(text)
	if !fourDigits.MatchString(text) {
		return ""
	}
	return text
}
