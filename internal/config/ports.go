package config

import (
	"net"
	"net/netip"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"arduino-gateway/internal/strictyaml"
)

type portForm struct {
	prefix, form string
	matches      func(port string) bool
}

// portForms are the ways to name a port other than by a path. A port with the
// prefix, in any case, must have the form.
var portForms = []portForm{
	// usb:2341:0043:75630313536351F0B1A1
	{"usb:", "usb:VID:PID or usb:VID:PID:SERIAL", regexp.MustCompile(`^usb:[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}(:[^\pC\s]+)?$`).MatchString},
	// usb-path:1-1.2; usb-path:1-1.2:1.1 is the second port of that board
	{"usb-path:", "usb-path:BUS-PORT.PORT", regexp.MustCompile(`^usb-path:\d+-\d+(\.\d+)*(:\d+\.\d+)?$`).MatchString},
	{"tcp://", "tcp://HOST:PORT", isServer},
	{"rfc2217://", "rfc2217://HOST:PORT", isServer},
}

const portExample = "such as /dev/ttyACM0"

// readPort returns the port that text names. If it names none, hint says what to write.
func readPort(text string) (port, hint string, ok bool) {
	if trimmed := strings.Trim(text, " "); trimmed == "" {
		return "", portExample, false
	} else if trimmed != text {
		return "", "write " + strictyaml.Quote(trimmed) + ", without the blank", false
	}
	for _, f := range portForms {
		if len(text) < len(f.prefix) || !strings.EqualFold(text[:len(f.prefix)], f.prefix) {
			continue
		}
		port := f.prefix + text[len(f.prefix):]
		if strings.HasSuffix(f.prefix, "//") {
			port = strings.ReplaceAll(port, "%25", "%") // of a zone, as a URL has it
		}
		return port, formHint(port, f.form), f.matches(port)
	}
	switch {
	case bareNode(text):
		return "", `write "/dev/` + text + `"`, false
	case fromHome(text):
		return "", homeHint, false
	}
	if hint := addressHint(text); hint != "" {
		return "", hint, false
	}
	return text, portExample, !strings.Contains(text, "://") && !strings.ContainsFunc(text, isControl)
}

const serverForms = "tcp://HOST:PORT or rfc2217://HOST:PORT"

// addressHint returns what to write in place of the address of a server in a form that other
// programs use, "" if text is not one:
//
//	192.168.1.9:4001     write "tcp://192.168.1.9:4001"
//	socket://host:4001   write "tcp://host:4001"
//	unix:/run/board      a Unix socket cannot be a port; the form is tcp://HOST:PORT or …
func addressHint(text string) string {
	scheme, address, isURL := strings.Cut(text, "://")
	if !isURL {
		scheme, address = "", text
	}
	switch scheme = strings.ToLower(scheme); {
	case scheme == "unix", strings.HasPrefix(strings.ToLower(text), "unix:"):
		return "a Unix socket cannot be a port; the form is " + serverForms
	case (scheme == "" || scheme == "socket") && isServer("tcp://"+address):
		return `write "tcp://` + address + `"`
	case scheme == "telnet" && isServer("tcp://"+address):
		return `write "rfc2217://` + address + `", or "tcp://` + address + `" if the server does not speak RFC 2217`
	case (scheme == "serial" || scheme == "file") && strings.HasPrefix(address, "/"):
		return `write "` + address + `"`
	case scheme == "socket", scheme == "telnet":
		return "the form is " + serverForms
	}
	if _, err := netip.ParseAddr(text); err == nil || hostAndNumber(text) {
		return "the form is " + serverForms
	}
	return ""
}

// hostAndNumber matches esp.local:99999, which is neither a server nor a path.
var hostAndNumber = regexp.MustCompile(`^[^/\\:]+:\d+$`).MatchString

// formHint returns what to write in place of a port that has not the form. An IPv6
// address without brackets is tcp://::1:4001.
func formHint(port, form string) string {
	scheme, address, _ := strings.Cut(port, "://")
	if i := strings.LastIndexByte(address, ':'); i >= 0 && isPort(address[i+1:]) {
		if ip, err := netip.ParseAddr(address[:i]); err == nil && ip.Is6() {
			return `write "` + scheme + "://" + net.JoinHostPort(address[:i], address[i+1:]) + `"`
		}
	}
	return "the form is " + form
}

// homeHint explains why ~ is refused. A service runs as another user, whose home is not
// the one that the writer of the file means.
const homeHint = "write the whole path, such as /home/pi/NAME: only a shell replaces ~"

// fromHome reports whether a path begins with a home, as in a shell: ~/uno, ~pi/uno.
func fromHome(path string) bool { return strings.HasPrefix(path, "~") }

// bareNode matches ttyACM0 and cu.usbmodem1101.
var bareNode = regexp.MustCompile(`^(tty(ACM|USB|AMA|S)\d+|(tty|cu)\.[^/]+)$`).MatchString

// isServer matches tcp://192.0.2.20:4001, tcp://esp.local:23/ and
// tcp://[fe80::1%eth0]:4001.
func isServer(port string) bool {
	host, number, ok := serverOf(port)
	if !ok || !isPort(number) {
		return false
	}
	if strings.ContainsAny(host, ":%") {
		ip, err := netip.ParseAddr(host)
		return err == nil && ip.Is6()
	}
	return host != "" && !strings.ContainsFunc(host, func(c rune) bool {
		return unicode.IsSpace(c) || isControl(c) || strings.ContainsRune(`/\?#@[]"<>`, c)
	})
}

// serverOf returns the host and the port of a server of serial ports.
func serverOf(port string) (host, number string, ok bool) {
	_, address, ok := strings.Cut(port, "://")
	if !ok {
		return "", "", false
	}
	host, number, err := net.SplitHostPort(strings.TrimSuffix(address, "/"))
	return host, number, err == nil
}

// samePort returns equal texts for one port written in different ways. USB, host names
// and Windows ports ignore case, //dev/ttyACM0 is /dev/ttyACM0, and rfc2217://esp:23/ is
// tcp://esp:23.
func samePort(port string) string {
	lower := strings.ToLower(port)
	if host, number, ok := serverOf(lower); ok {
		return "tcp://" + net.JoinHostPort(sameHost(host), sameNumber(number))
	}
	if name := strings.TrimPrefix(lower, `\\.\`); windowsPort(name) {
		return name
	}
	if slices.ContainsFunc(portForms, func(f portForm) bool { return strings.HasPrefix(lower, f.prefix) }) {
		return lower
	}
	return filepath.Clean(port)
}

// windowsPort matches com3, which Windows also calls \\.\com3.
var windowsPort = regexp.MustCompile(`^com\d+$`).MatchString

// sameHost returns equal texts for one host: ESP.local. is esp.local, 0:0::2 is ::2, and
// 127.0.0.1 and ::1 are localhost, which may be either.
func sameHost(host string) string {
	const local = "localhost"
	switch ip, err := netip.ParseAddr(host); {
	case err != nil:
		return strings.TrimSuffix(host, ".")
	case ip.Unmap() == netip.AddrFrom4([4]byte{127, 0, 0, 1}), ip == netip.IPv6Loopback():
		return local
	default:
		return ip.Unmap().String()
	}
}

// sameNumber returns a port without leading zeros.
func sameNumber(port string) string {
	if n, err := strconv.ParseUint(port, 10, 16); err == nil {
		return strconv.FormatUint(n, 10)
	}
	return port
}
