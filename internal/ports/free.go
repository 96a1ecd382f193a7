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

// Free returns the ports that no value of claimed means, in use or not. A name of a port
// must match one of the patterns, as in path.Match: its path, a link, usb:VID:PID with
// its serial number or without, or usb-path: and its socket. Without patterns, Free
// returns the ports on USB. A terminal that matches a pattern is a port even if nothing
// else is known about it, such as that of a virtual board. A terminal in /sys/class/tty
// is a port only if List has it. Ports that Foreign recognizes are left out unless a
// pattern without wildcards names them.
func (t *Tracker) Free(patterns, claimed []string) []Port { return t.Choose(patterns, claimed).Free }

// Choose is Free with what it leaves out.
func (t *Tracker) Choose(patterns, claimed []string) Choice {
	all, _ := t.view.list(fresh) // if they cannot be listed, patterns may still match paths
	return t.machine.Choose(all, patterns, claimed)
}

// IsFree reports whether Free returns a port with this path, and returns that.
func (t *Tracker) IsFree(at string, patterns, claimed []string) (p Port, free bool) {
	all, _ := t.view.list(fresh) // if they cannot be listed, the path may still match a pattern
	all = slices.DeleteFunc(all, func(p Port) bool { return p.Path != at })
	choice := t.machine.choose(all, patterns, claimed, literally.Replace(at))
	if len(choice.Free) == 0 {
		return Port{}, false
	}
	return choice.Free[0], true
}

// literally makes a pattern of a path.
var literally = strings.NewReplacer(`*`, `\*`, `?`, `\?`, `[`, `\[`, `\`, `\\`)

// withPaths adds the paths that match the pattern and are not yet in all. As in a
// shell, * does not match the dot of a hidden name, such as that of a link being made.
func (m Machine) withPaths(all []Port, l links, patterns ...string) []Port {
	known := claimsOf(nil, l)
	for _, p := range all {
		known.addPath(p.Path)
	}
	for _, pattern := range patterns {
		paths, _ := filepath.Glob(pattern)
		for _, at := range paths {
			hidden := strings.HasPrefix(filepath.Base(at), ".") && !strings.HasPrefix(filepath.Base(pattern), ".")
			if p := (Port{Path: at, Value: at}); !hidden && !known.has(p) && m.mayBePort(l.resolve(at)) {
				all = append(all, p)
				known.addPath(at)
			}
		}
	}
	return all
}

// mayBePort reports whether a resolved path that is not listed may be a port.
func (m Machine) mayBePort(real string) bool {
	node, err := os.Stat(real)
	if err != nil || node.Mode()&fs.ModeCharDevice == 0 {
		return false
	}
	_, err = os.Stat(m.path("sys/class/tty", filepath.Base(real)))
	return err != nil
}

// matchesAny reports whether the port matches one of the patterns.
func (p Port) matchesAny(patterns []string) bool {
	if len(patterns) == 0 {
		return p.USBPath != ""
	}
	names := p.names()
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		if isUSB(strings.ToLower(pattern)) {
			pattern = strings.ToLower(pattern)
		}
		return slices.ContainsFunc(names, func(name string) bool {
			matches, _ := path.Match(pattern, name)
			return matches
		})
	})
}

// names returns all that a pattern may match. Those of USB are in lower case.
func (p Port) names() []string {
	names := append([]string{p.Path, p.Value}, p.Links...)
	if p.VID != "" {
		names = append(names, "usb:"+p.USB(), strings.ToLower("usb:"+p.USB()+":"+plainSerial(p.Serial)))
	}
	if p.USBPath != "" {
		names = append(names, "usb-path:"+p.USBPath, "usb-path:"+p.USBPath+":"+p.Interface)
	}
	return names
}

// meantBy reports whether a port: value means this port. It may mean others, too.
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

// Overlaps reports whether a port: value and one of the others mean the same port, of
// those present now.
func (t *Tracker) Overlaps(value string, others []string) bool {
	if len(others) == 0 {
		return false // spares the scan, which may be made for each board
	}
	all, _ := t.view.list(fresh) // if they cannot be listed, only paths are known
	paths := slices.DeleteFunc(append(slices.Clone(others), value), isUSB)
	resolved := links{}
	one, rest := claimsOf([]string{value}, resolved), claimsOf(others, resolved)
	return slices.ContainsFunc(t.machine.withPaths(all, resolved, paths...), func(p Port) bool { return one.has(p) && rest.has(p) })
}

// Path returns the path of the port that a port: value means, for example for an
// uploader. If no port or several match, it returns the value itself.
func (t *Tracker) Path(value string) string {
	all, _ := t.view.list(fresh) // if they cannot be listed, only paths are known
	port, err := Resolve(value, all)
	if err != nil {
		return value
	}
	return port.Path
}

// HeldBy returns whether another program has a port open, and its name if one was
// seen. It does not open the port.
func (t *Tracker) HeldBy(path string) (state portowner.State, program string) {
	state, all := portowner.Look(t.machine.Root, path)
	if len(all) > 0 {
		program = all[0].String()
	}
	return state, program
}
