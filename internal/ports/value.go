package ports

import (
	"path/filepath"
	"slices"
	"strings"
	"unicode"
)

// name fills in each port's Value: the most stable one that finds it again.
func name(all []Port) {
	for i := range all {
		if p := &all[i]; p.Path != "" {
			p.Value = value(*p, all)
		}
	}
}

// value prefers a value that finds the board in any socket, then the socket, then the
// path.
func value(p Port, all []Port) string {
	own := p.VID != "" && realSerial(p.Serial) && !sharesSerial(p, all)
	switch siblings := siblings(p, all); {
	case p.USBPath == "":
		return p.Path
	case siblings == 0 && own:
		return "usb:" + p.USB() + ":" + plainSerial(p.Serial)
	case siblings == 0:
		return "usb-path:" + p.USBPath
	case own && p.link("by-id") != "":
		return p.link("by-id")
	case !sharesInterface(p, all):
		return "usb-path:" + p.USBPath + ":" + p.Interface
	case p.link("by-path") != "":
		return p.link("by-path")
	default:
		return p.Path
	}
}

func (p Port) link(kind string) string {
	i := slices.IndexFunc(p.Links, func(link string) bool { return filepath.Base(filepath.Dir(link)) == kind })
	if i < 0 {
		return ""
	}
	return p.Links[i]
}

// siblings counts the other ports of the same USB device.
func siblings(p Port, all []Port) (n int) {
	for _, other := range all {
		if other.node != p.node && other.USBPath == p.USBPath {
			n++
		}
	}
	return n
}

func sharesInterface(p Port, all []Port) bool {
	return slices.ContainsFunc(all, func(other Port) bool {
		return other.node != p.node && other.USBPath == p.USBPath && other.Interface == p.Interface
	})
}

// sharesSerial reports whether another board has the same identity and serial number.
func sharesSerial(p Port, all []Port) bool {
	return slices.ContainsFunc(all, func(other Port) bool {
		return other.USBPath != p.USBPath && other.USB() == p.USB() && sameSerial(other.Serial, p.Serial)
	})
}

// commonSerials are serial numbers that some makers give to every chip: the next
// board may have the same one.
var commonSerials = []string{"0001", "1234", "12345", "123456", "1234567", "12345678", "123456789", "1234567890",
	"0123456789", "0123456789abcdef", "a50285bi", "deadbeef"}

// realSerial reports whether a serial number is likely to be unique to one board.
func realSerial(serial string) bool {
	serial = strings.ToLower(plainSerial(serial))
	if len(serial) < 3 || strings.Trim(serial, serial[:1]) == "" || slices.Contains(commonSerials, serial) {
		return false
	}
	return !strings.ContainsFunc(serial, func(r rune) bool { return !unicode.IsPrint(r) || r == '\ufffd' })
}

// plainSerial returns a serial number as a port: value has it: like udev, each run of
// blanks as one _.
func plainSerial(serial string) string { return strings.Join(strings.Fields(serial), "_") }

func sameSerial(a, b string) bool { return strings.EqualFold(plainSerial(a), plainSerial(b)) }
