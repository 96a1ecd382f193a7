package ports

import (
	"slices"
	"strings"
)

// Foreign returns what a port leads to if that is not a board, or the kernel uses it:
// a few words to stand after "it". "" means that it may be a board. It is the one rule
// for all that opens ports which the user has not named.
func Foreign(p Port, console bool) string {
	if console {
		return "is the kernel's console"
	}
	if what, ok := foreignDrivers[p.Driver]; ok {
		return "is " + what + ": its driver is " + p.Driver
	}
	text := strings.ToLower(p.Manufacturer + " " + p.Product)
	for _, known := range foreignProducts {
		if known.is(p, text) {
			return "is " + known.what
		}
	}
	return ""
}

// foreignProduct is a product with a port that is not a board. A product must have both
// the ID and the words, as far as they are given.
type foreignProduct struct {
	usb   string // VID, or VID:PID
	words string // in its manufacturer and product, in lower case; * stands for any text between
	what  string
}

func (f foreignProduct) is(p Port, text string) bool {
	if f.usb != "" && f.usb != p.VID && f.usb != p.USB() {
		return false
	}
	for part := range strings.SplitSeq(f.words, "*") {
		_, rest, found := strings.Cut(text, part)
		if !found {
			return false
		}
		text = rest
	}
	return p.VID != ""
}

// consoles returns the names of the ports that the kernel's console writes to.
func (m Machine) consoles() []string {
	return strings.Fields(attribute(m.path("sys/class/tty/console"), "active"))
}

// Choice says which ports may be opened to look for boards.
type Choice struct {
	Free      []Port
	LeftAlone []LeftAlone
	Unmatched []string // patterns that match no port
}

// LeftAlone is a port that is not opened, although it matches.
type LeftAlone struct {
	Port Port
	Why  string // as Foreign returns it
}

// Choose is Tracker.Free for ports that were listed, with what it leaves out. A pattern
// without wildcards names its port, and overrules Foreign.
func (m Machine) Choose(all []Port, patterns, claimed []string) (c Choice) {
	return m.choose(all, patterns, claimed, patterns...)
}

// choose is Choose; paths are the patterns that may add ports which are not listed.
func (m Machine) choose(all []Port, patterns, claimed []string, paths ...string) (c Choice) {
	resolved := links{}
	all = m.withPaths(all, resolved, paths...)
	taken := claimsOf(claimed, resolved)
	for _, pattern := range patterns {
		if !slices.ContainsFunc(all, func(p Port) bool { return p.matchesAny([]string{pattern}) }) {
			c.Unmatched = append(c.Unmatched, pattern)
		}
	}
	named := slices.DeleteFunc(slices.Clone(patterns), func(pattern string) bool { return strings.ContainsAny(pattern, `*?[\`) })
	var consoles []string
	for _, p := range all {
		if p.Path == "" || p.Chip.Bootloader || !p.matchesAny(patterns) || taken.has(p) {
			continue
		}
		if consoles == nil {
			consoles = append(m.consoles(), "") // read once, and only if needed
		}
		why := Foreign(p, p.node != "" && slices.Contains(consoles, p.node))
		if why != "" && (len(named) == 0 || !p.matchesAny(named)) {
			c.LeftAlone = append(c.LeftAlone, LeftAlone{p, why})
			continue
		}
		c.Free = append(c.Free, p)
	}
	return c
}
