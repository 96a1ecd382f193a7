package ports

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"arduino-gateway/internal/portowner"
)

// Free gives the ports that no value of claimed means, whether or not they are in
// use: those that fit one of the patterns, as in path.Match, by their path, one of
// their links or their value; without patterns those on USB. A terminal that a
// pattern fits counts as a port even where nothing more is known of it, as a virtual
// board's, unless the kernel knows that it is none, such as a console.
func (t *Tracker) Free(patterns, claimed []string) []Port {
	all, _ := t.machine.scan() // what cannot be listed can still be named by its path
	for _, pattern := range patterns {
		all = t.machine.withPaths(all, pattern)
	}
	return slices.DeleteFunc(all, func(p Port) bool {
		return p.Path == "" || p.Chip.Bootloader || !p.fits(patterns) ||
			slices.ContainsFunc(claimed, func(value string) bool { return p.meantBy(value) })
	})
}

// withPaths adds the paths that fit the pattern and are no port of all. As in a
// shell, no * fits the dot of a hidden name, such as that of a link in the making.
func (m Machine) withPaths(all []Port, pattern string) []Port {
	paths, _ := filepath.Glob(pattern)
	for _, at := range paths {
		if strings.HasPrefix(filepath.Base(at), ".") && !strings.HasPrefix(filepath.Base(pattern), ".") {
			continue
		}
		if !slices.ContainsFunc(all, func(p Port) bool { return p.meantBy(at) }) && m.mayBePort(at) {
			all = append(all, Port{Path: at, Value: at})
		}
	}
	return all
}

// mayBePort tells whether there may be a port at a path that is none of those listed.
func (m Machine) mayBePort(at string) bool {
	real, err := filepath.EvalSymlinks(at)
	if err != nil {
		return false
	}
	node, err := os.Stat(real)
	if err != nil || node.Mode()&fs.ModeCharDevice == 0 {
		return false
	}
	_, err = os.Stat(m.path("sys/class/tty", filepath.Base(real)))
	return err != nil
}

// fits tells whether the port is one of the patterns'.
func (p Port) fits(patterns []string) bool {
	if len(patterns) == 0 {
		return p.USBPath != ""
	}
	names := append([]string{p.Path, p.Value}, p.Links...)
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		return slices.ContainsFunc(names, func(name string) bool {
			fits, _ := path.Match(pattern, name)
			return fits
		})
	})
}

// meantBy tells whether a port: value means this port, among others perhaps.
func (p Port) meantBy(value string) bool {
	if isUSB(value) {
		return matcher(value)(p)
	}
	if value == p.Path || slices.Contains(p.Links, value) {
		return true
	}
	named, err := filepath.EvalSymlinks(value)
	if err != nil {
		return false
	}
	own, err := filepath.EvalSymlinks(p.Path)
	return err == nil && own == named
}

// Overlaps tells whether a port: value means a port, of those that are there, that one
// of the others means too.
func (t *Tracker) Overlaps(value string, others []string) bool {
	if len(others) == 0 {
		return false // devices.yaml may name none, and there may be a look for each board
	}
	all, _ := t.machine.scan() // what cannot be listed has only its path
	for _, other := range append(slices.Clone(others), value) {
		if !isUSB(other) {
			all = t.machine.withPaths(all, other)
		}
	}
	return slices.ContainsFunc(all, func(p Port) bool {
		return p.meantBy(value) && slices.ContainsFunc(others, p.meantBy)
	})
}

// Path gives the path of the port that a port: value means, such as for an uploader;
// where there is no such port, or no single one, the value itself.
func (t *Tracker) Path(value string) string {
	all, _ := t.machine.scan() // what cannot be listed has only its path
	port, err := Resolve(value, all)
	if err != nil {
		return value
	}
	return port.Path
}

// HeldBy names the program that has a port open, as far as can be seen; "" is none,
// or this gateway. The port is not opened for that.
func (t *Tracker) HeldBy(path string) string {
	if all := portowner.Others(t.machine.Root, path); len(all) > 0 {
		return all[0].String()
	}
	return ""
}
