package config

import (
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
)

// portForms are the ways to name a port other than by a path. A port with the
// prefix must have the form.
var portForms = []struct {
	prefix, form string
	matches      func(port string) bool
}{
	// usb:2341:0043:75630313536351F0B1A1
	{"usb:", "usb:VID:PID or usb:VID:PID:SERIAL", regexp.MustCompile(`^usb:[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}(:[^\pC\s]+)?$`).MatchString},
	// usb-path:1-1.2; usb-path:1-1.2:1.1 is the second port of that board
	{"usb-path:", "usb-path:BUS-PORT.PORT", regexp.MustCompile(`^usb-path:\d+-\d+(\.\d+)*(:\d+\.\d+)?$`).MatchString},
	{"tcp://", "tcp://HOST:PORT", isHostPort},
	{"rfc2217://", "rfc2217://HOST:PORT", isHostPort},
}

const portExample = "such as /dev/ttyACM0"

// wrongPort reports, with a hint, whether text does not name a port.
func wrongPort(text string) (hint string, wrong bool) {
	for _, f := range portForms {
		if strings.HasPrefix(text, f.prefix) {
			return "the form is " + f.form, !f.matches(text)
		}
	}
	if bareNode(text) {
		return `write "/dev/` + text + `"`, true
	}
	return portExample, text == "" || strings.Contains(text, "://") || strings.ContainsFunc(text, isControl)
}

// bareNode matches ttyACM0 and cu.usbmodem1101.
var bareNode = regexp.MustCompile(`^(tty(ACM|USB|AMA|S)\d+|(tty|cu)\.[^/]+)$`).MatchString

// isHostPort matches tcp://192.0.2.20:4001.
func isHostPort(port string) bool {
	u, err := url.Parse(port)
	return err == nil && u.Hostname() != "" && isPort(u.Port()) && u.User == nil && u.RequestURI() == "/" && u.Fragment == ""
}

// samePort returns equal texts for one port written in different ways: USB and host
// names and Windows ports ignore case, //dev/ttyACM0 is /dev/ttyACM0, and
// rfc2217://esp:23/ is tcp://esp:23.
func samePort(port string) string {
	if strings.HasPrefix(port, "/") || strings.HasPrefix(port, ".") {
		return filepath.Clean(port)
	}
	port = strings.TrimSuffix(strings.ToLower(port), "/")
	if address, ok := strings.CutPrefix(port, "rfc2217://"); ok {
		return "tcp://" + address
	}
	return port
}
