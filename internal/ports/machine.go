package ports

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"arduino-gateway/internal/portowner"
)

// Machine is the machine whose ports are listed. Root is "/", or in tests a folder
// with sys, dev, proc and run in it.
type Machine struct {
	Root string

	scans *atomic.Int64 // counts scans in a test; nil does not
}

func (m Machine) path(elements ...string) string {
	return filepath.Join(append([]string{m.Root}, elements...)...)
}

// List returns every serial port with all its details: USB first, ordered by name. The
// error means that ports cannot be listed on this system at all.
func (m Machine) List() ([]Port, error) {
	all, err := m.scan()
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, p := range all {
		if p.Path != "" {
			paths = append(paths, p.Path)
		}
	}
	holders, seesAll := portowner.Of(m.Root, paths...), portowner.SeesAll(m.Root)
	conflicts := m.conflicts()
	for i := range all {
		p := &all[i]
		p.heldBy(holders[p.Path])
		p.Unsure = p.Holder == nil && !seesAll
		p.Problems, p.Foreign = m.problems(*p, conflicts), Foreign(*p, conflicts.console(*p))
	}
	return all, nil
}

// Examine is Resolve for one value, with all the details of List, even for a port that
// is not in /sys.
func (m Machine) Examine(value string, all []Port) (Port, error) {
	p, err := Resolve(value, all)
	if err != nil {
		return p, err
	}
	if wrong := m.notTerminal(p); len(wrong) > 0 {
		p.Problems = wrong // the others do not matter
		return p, nil
	}
	if p.node != "" {
		return p, nil
	}
	p.heldBy(portowner.Of(m.Root, p.Path)[p.Path])
	p.Problems = m.problems(p, conflicts{machine: m})
	return p, nil
}

func (p *Port) heldBy(all []portowner.Process) {
	if len(all) > 0 {
		p.Holder = &all[0]
	}
	if len(all) > 1 {
		p.Sharer = &all[1]
	}
}

// scan reads only what identifies ports, because a Tracker scans often.
func (m Machine) scan() ([]Port, error) {
	if m.scans != nil {
		m.scans.Add(1)
	}
	entries, err := os.ReadDir(m.path("sys/class/tty"))
	if errors.Is(err, fs.ErrNotExist) {
		return m.callouts()
	} else if err != nil {
		return nil, fmt.Errorf("list serial ports: %w", err)
	}
	var all []Port
	for _, entry := range entries {
		if p, ok := m.tty(entry.Name()); ok {
			all = append(all, p)
		}
	}
	all = append(all, m.boardsWithoutPort(all)...)
	m.addLinks(all)
	slices.SortFunc(all, order)
	name(all)
	return all, nil
}

// callouts returns the ports of a Mac. Their paths are all that is known.
func (m Machine) callouts() (all []Port, err error) {
	paths, _ := filepath.Glob(m.path("dev/cu.*"))
	for _, path := range paths {
		all = append(all, Port{Path: path, Value: path, node: filepath.Base(path)})
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("list serial ports: this system has no %s (hint: name the port by its path)", m.path("sys/class/tty"))
	}
	return all, nil
}

// order puts USB before on-board ports, boards without a port last, and ttyUSB2 before
// ttyUSB10.
func order(a, b Port) int {
	return cmp.Or(compareBools(a.Path == "", b.Path == ""), compareBools(a.USBPath == "", b.USBPath == ""),
		compareNumbered(a.node, b.node), strings.Compare(a.USBPath, b.USBPath))
}

// compareBools orders false before true.
func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

func compareNumbered(a, b string) int {
	alpha := func(s string) string { return strings.TrimRight(s, "0123456789") }
	if c := strings.Compare(alpha(a), alpha(b)); c != 0 {
		return c
	}
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// attribute returns an attribute of a device in /sys; "" if it cannot be read.
func attribute(folder, name string) string {
	text, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(strings.ToValidUTF8(string(text), "\ufffd"))
}

// target returns the last element of a link's target: for the link driver, its name.
func target(folder, link string) string {
	to, err := os.Readlink(filepath.Join(folder, link))
	if err != nil {
		return ""
	}
	return filepath.Base(to)
}

// Known returns what is known of the port that each value means, whether it is plugged
// in or not. It opens nothing.
func (m Machine) Known(values ...string) []Port {
	all, _ := m.scan() // without it the table still knows usb:VID:PID
	known := make([]Port, len(values))
	for i, value := range values {
		known[i] = identity(value, all)
	}
	return known
}

func identity(value string, all []Port) Port {
	if p, err := Resolve(value, all); err == nil {
		return p
	}
	id, ok := strings.CutPrefix(strings.ToLower(value), "usb:")
	if !ok {
		return Port{}
	}
	vid, rest, _ := strings.Cut(id, ":")
	pid, _, _ := strings.Cut(rest, ":")
	return Identify(vid, pid, "")
}
