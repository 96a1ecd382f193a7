package config

import (
	"path/filepath"
	"regexp"
	"strings"

	"arduino-gateway/internal/strictyaml"
)

// Auto sets whether boards without an entry under devices are published.
type Auto struct {
	On    bool     // boards that say hello, under the ID in it
	Any   bool     // also boards that only print lines, under an ID made from their names
	Ports []string // patterns, as in path.Match, of the ports to open; none: every USB port
}

// autoReader reads the entry auto of devices.
type autoReader struct {
	doc  document
	auto *Auto
}

// read reads true, or patterns of ports, or a mapping with more.
func (r autoReader) read(key string, n *strictyaml.Node) {
	switch {
	case strictyaml.IsMapping(n):
		r.auto.On = true
		r.doc.Fields(map[string]strictyaml.Set{
			"any":   r.doc.Flag(&r.auto.Any),
			"ports": r.patterns("without ports, every USB port is used"),
		})(key, n)
	case strictyaml.IsList(n):
		r.patterns("such as [/dev/ttyUSB*], or true")(key, n)
		r.auto.On = len(r.auto.Ports) > 0
	default:
		r.doc.Flag(&r.auto.On)(key, n)
	}
}

// isAuto reports whether the value of auto is not a device of that name, which would
// have a port.
func isAuto(n *strictyaml.Node) bool {
	return !strictyaml.IsMapping(n) || strictyaml.HasKey(n, "any") || !strictyaml.HasKey(n, "port")
}

// patterns reads a list of patterns; empty is the hint for an empty list.
func (r autoReader) patterns(empty string) strictyaml.Set {
	items := r.doc.Items(r.doc.Scalar("a pattern of ports", func(key string, n *strictyaml.Node) {
		if hint := patternHint(n.Value); hint != "" {
			r.doc.Reject(n, key, strictyaml.Quote(n.Value)+" is not a pattern", hint)
			return
		}
		r.auto.Ports = append(r.auto.Ports, n.Value)
	}))
	return func(key string, n *strictyaml.Node) {
		items(key, n)
		if strictyaml.IsList(n) && len(n.Content) == 0 {
			r.doc.Reject(n, key, "the list is empty", empty)
		}
	}
}

// patternHint returns what to write in place of a text that is not a pattern of ports; ""
// if it is one.
func patternHint(text string) string {
	_, err := filepath.Match(text, "")
	switch trimmed := strings.Trim(text, " "); {
	case err != nil, trimmed == "":
		return "such as /dev/ttyUSB*, or usb:2341:*"
	case trimmed != text:
		return "write " + strictyaml.Quote(trimmed) + ", without the blank"
	case fromHome(text):
		return homeHint
	case strings.Contains(text, "://"):
		return "auto opens ports of this machine: a board on another one needs an entry with port"
	case barePattern(text):
		return `write "/dev/` + text + `"`
	}
	return ""
}

// barePattern matches ttyUSB* and tty[AU]*.
var barePattern = regexp.MustCompile(`^(tty|cu\.)[^/]*$`).MatchString
