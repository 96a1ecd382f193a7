package portstest

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Plug plugs a board into a USB path such as 1-1.2, with a node for each of its ports.
// A node is "ttyUSB0", an empty file, or "ttyUSB0=/dev/pts/3", a link to a working
// port. Without nodes the board has no ports.
func Plug(root, usbPath string, b Board, nodes ...string) error {
	device := folderOf(root, usbPath)
	p := plugging{root: root}
	for name, text := range map[string]string{"idVendor": b.VID, "idProduct": b.PID, "serial": b.Serial,
		"manufacturer": b.Manufacturer, "product": b.Product, "dev": "189:4"} {
		p.attribute(device, name, text, b.Unreadable)
	}
	p.link(filepath.Join(root, "sys/bus/usb/devices", usbPath), device)
	interfaces := b.Interfaces
	if interfaces == nil {
		interfaces = []int{0}
	}
	for i, number := range interfaces {
		iface := filepath.Join(device, fmt.Sprintf("%s:1.%d", usbPath, number))
		p.attribute(iface, "bInterfaceNumber", fmt.Sprintf("%02d", number), b.Unreadable)
		p.attribute(iface, "bInterfaceProtocol", map[bool]string{true: "01", false: "00"}[b.Modem], b.Unreadable)
		if b.Driver != "" {
			p.link(filepath.Join(iface, "driver"), filepath.Join(root, "sys/bus/usb/drivers", b.Driver))
		}
		if i < len(nodes) {
			p.tty(iface, b, nodes[i])
		}
	}
	return p.err
}

// UART adds an on-board port. kind is the kernel's number for its type; 0 is a port that
// does not exist.
func UART(root, node, driver string, kind int) error {
	p := plugging{root: root}
	device := filepath.Join(root, "sys/devices/platform/soc", driver+".serial")
	port := filepath.Join(device, driver+".serial:0", driver+".serial:0.0")
	p.link(filepath.Join(device, "driver"), filepath.Join(root, "sys/bus/platform/drivers", driver))
	p.link(filepath.Join(port, "driver"), filepath.Join(root, "sys/bus/serial-base/drivers/port"))
	name, _, _ := strings.Cut(node, "=")
	p.attribute(filepath.Join(port, "tty", name), "type", fmt.Sprint(kind), false)
	p.class(filepath.Join(port, "tty", name), port, node)
	return p.err
}

// Virtual adds a terminal that is not a port, such as tty1.
func Virtual(root, node string) error {
	p := plugging{root: root}
	at := filepath.Join(root, "sys/devices/virtual/tty", node)
	p.attribute(at, "dev", "4:1", false)
	p.link(filepath.Join(root, "sys/class/tty", node), at)
	return p.err
}

// Unplug removes a board and its nodes.
func Unplug(root, usbPath string) error {
	device := folderOf(root, usbPath)
	ttys, _ := filepath.Glob(filepath.Join(root, "sys/class/tty/*"))
	var errs []error
	for _, tty := range ttys {
		if to, err := filepath.EvalSymlinks(tty); err == nil && strings.HasPrefix(to, mustEval(device)+"/") {
			errs = append(errs, os.Remove(filepath.Join(root, "dev", filepath.Base(tty))), os.Remove(tty))
		}
	}
	return errors.Join(append(errs, os.RemoveAll(device), os.Remove(filepath.Join(root, "sys/bus/usb/devices", usbPath)))...)
}

func mustEval(path string) string {
	real, err := filepath.EvalSymlinks(path)
	return cmp.Or(real, fmt.Sprint(err))
}

// folderOf returns a device's folder, which is inside those of its hubs: 1-1.2 is in 1-1.
func folderOf(root, usbPath string) string {
	at := filepath.Join(root, "sys/devices/platform/usb"+usbPath[:strings.Index(usbPath, "-")])
	for i, r := range usbPath + "." {
		if r == '.' {
			at = filepath.Join(at, usbPath[:i])
		}
	}
	return at
}

// plugging makes files until one fails; err is that error.
type plugging struct {
	root string
	err  error
}

// tty makes the folders of a port. usb-serial has a device for each port in the interface.
func (p *plugging) tty(iface string, b Board, node string) {
	name, _, _ := strings.Cut(node, "=")
	port := iface
	if b.Driver != "cdc_acm" {
		port = filepath.Join(iface, name)
		p.attribute(port, "port_number", "0", b.Unreadable)
	}
	p.attribute(filepath.Join(port, "tty", name), "dev", "188:0", b.Unreadable)
	p.class(filepath.Join(port, "tty", name), port, node)
}

// class makes the entry in sys/class/tty and then the node, in the kernel's order.
func (p *plugging) class(tty, device, node string) {
	name, target, working := strings.Cut(node, "=")
	p.link(filepath.Join(tty, "device"), device)
	p.link(filepath.Join(p.root, "sys/class/tty", name), tty)
	path := filepath.Join(p.root, "dev", name)
	if working {
		p.do(os.MkdirAll(filepath.Dir(path), 0o755))
		p.do(os.Symlink(target, path))
		return
	}
	p.file(path, "")
}

func (p *plugging) do(err error) {
	if p.err == nil {
		p.err = err
	}
}

// attribute makes an attribute. An unreadable one is a folder, so that even root fails to
// read it.
func (p *plugging) attribute(folder, name, text string, unreadable bool) {
	switch path := filepath.Join(folder, name); {
	case unreadable:
		p.do(os.MkdirAll(path, 0o755))
	case text != "":
		p.file(path, text+"\n")
	default:
		p.do(os.MkdirAll(folder, 0o755))
	}
}

func (p *plugging) file(path, text string) {
	p.do(os.MkdirAll(filepath.Dir(path), 0o755))
	if p.err == nil {
		p.err = os.WriteFile(path, []byte(text), 0o660)
	}
}

// link makes a relative link, as in /sys.
func (p *plugging) link(from, to string) {
	p.do(os.MkdirAll(filepath.Dir(from), 0o755))
	relative, err := filepath.Rel(filepath.Dir(from), to)
	p.do(err)
	if p.err == nil {
		p.err = os.Symlink(relative, from)
	}
}

// Link makes a link of udev, such as serial/by-id/usb-…, from dev/NAME to dev/NODE.
func Link(root, name, node string) error {
	p := plugging{root: root}
	p.link(filepath.Join(root, "dev", name), filepath.Join(root, "dev", node))
	return p.err
}

// Write makes a file such as proc/4242/comm.
func Write(root, name, text string) error {
	p := plugging{root: root}
	p.file(filepath.Join(root, name), text)
	return p.err
}
