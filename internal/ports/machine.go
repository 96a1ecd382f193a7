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

	"arduino-gateway/internal/portowner"
)

// Machine is where to look. Root is "/", or in tests a folder with sys, dev, proc
// and run in it.
type Machine struct{ Root string }

func (m Machine) path(elements ...string) string {
	return filepath.Join(append([]string{m.Root}, elements...)...)
}

// List gives every serial port with all that can be found out about it, boards
// first, in the order of their names. An error means that ports cannot be
// listed here at all.
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
	holders := portowner.Of(m.Root, paths...)
	conflicts := m.conflicts()
	for i := range all {
		p := &all[i]
		p.heldBy(holders[p.Path])
		p.Problems = m.problems(*p, conflicts)
	}
	return all, nil
}

// Examine finds the one port that a value means among all, as Resolve does, with
// all that List tells of a port, also where /sys knows nothing of it.
func (m Machine) Examine(value string, all []Port) (Port, error) {
	p, err := Resolve(value, all)
	if err != nil || p.node != "" {
		return p, err
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

// scan reads what identifies ports, and no more: a Tracker does it often.
func (m Machine) scan() ([]Port, error) {
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

// callouts are the ports of a Mac, of which there is no more to read in files.
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

// order puts USB before what is soldered on, boards without a port last, and
// ttyUSB2 before ttyUSB10.
func order(a, b Port) int {
	return cmp.Or(compareBools(a.Path == "", b.Path == ""), compareBools(a.USBPath == "", b.USBPath == ""),
		compareNumbered(a.node, b.node), strings.Compare(a.USBPath, b.USBPath))
}

// compareBools puts false first.
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

// attribute reads one of a device in /sys; "" where that cannot be done.
func attribute(folder, name string) string {
	text, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(strings.ToValidUTF8(string(text), "\ufffd"))
}

// target is the last element of where a link of a device leads: its driver's name.
func target(folder, link string) string {
	to, err := os.Readlink(filepath.Join(folder, link))
	if err != nil {
		return ""
	}
	return filepath.Base(to)
}
