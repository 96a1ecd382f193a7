package naming

import (
	"cmp"
	"slices"
	"sync/atomic"
	"time"

	"arduino-gateway/device"
)

const (
	// Times is the number of lines in which a name must come before it is kept.
	Times = 3
	// Rare is the time between two lines from which a board is too slow for that.
	Rare = time.Minute

	mostKept  = 128
	mostFresh = 128
)

// Names are the names of one device's readings. They are for one goroutine, except
// Invention.
type Names struct {
	given map[string]bool // kept at once
	specs device.ReadingSpecs
	lines uint64    // so far
	last  time.Time // of the last line, or of the opening of the port; zero: unknown
	kept  []seen
	next  int    // index in kept after the name that came last
	fresh []seen // not kept yet
	out   []device.Reading

	made      [Most]uint64 // the lines that brought the last new names, a ring
	total     uint64       // of new names
	invention atomic.Pointer[Invention]
	unread    bool // News has not returned it
	newsAt    time.Time
}

// seen is a name with the number of the last line that contained it.
type seen struct {
	name  string
	line  uint64
	times int
}

// New returns the names of a device. Those of devices.yaml are kept at once: the names of
// the specified readings, and those that columns or a pattern give to values.
func New(specs device.ReadingSpecs, more ...string) *Names {
	n := &Names{given: map[string]bool{}}
	n.Give(specs)
	for _, name := range more {
		n.given[name] = true
	}
	return n
}

// Give replaces the specifications: the board has described its readings.
func (n *Names) Give(specs device.ReadingSpecs) {
	n.specs = specs
	for name, spec := range specs {
		n.given[cmp.Or(spec.Rename, name)] = true
	}
}

// isGiven reports whether a name is kept at once. A pattern is not a name, but it may hold
// values back, and then the name comes too rarely to be counted.
func (n *Names) isGiven(name string) bool {
	if n.given[name] {
		return true
	}
	spec, _ := n.specs.Of(name)
	return spec.Deadband != nil || spec.MinInterval > 0
}

// Opened says that the port is open: the time before it says nothing about how often the
// board prints.
func (n *Names) Opened(at time.Time) { n.last = at }

// Line counts a line with its readings, none if it was refused. It returns those whose
// names are kept, which are valid until the next call.
func (n *Names) Line(at time.Time, readings []device.Reading) []device.Reading {
	last := n.last
	n.last, n.next = at, 0
	n.lines++
	n.expire()
	for i := range readings {
		if !n.isNext(readings[i].Name) && !n.isKept(readings[i].Name) {
			return n.sift(at, readings, !last.IsZero() && at.Sub(last) >= Rare)
		}
	}
	return readings
}

// Kept returns the readings whose names are kept, without counting them: they come later
// than their line.
func (n *Names) Kept(readings []device.Reading) []device.Reading {
	n.out = n.out[:0]
	for _, r := range readings {
		if n.isKept(r.Name) || n.isGiven(r.Name) {
			n.out = append(n.out, r)
		}
	}
	return n.out
}

// isNext reports whether a name is kept and follows the last one. It mostly is: lines
// repeat their order, and the same name is the same string.
func (n *Names) isNext(name string) bool {
	if n.next >= len(n.kept) || n.kept[n.next].name != name {
		return false
	}
	n.kept[n.next].line = n.lines
	n.next++
	return true
}

func (n *Names) isKept(name string) bool {
	i := slices.IndexFunc(n.kept, func(k seen) bool { return k.name == name })
	if i < 0 {
		return false
	}
	n.kept[i].line, n.next = n.lines, i+1
	return true
}

// sift returns the readings whose names are kept, with this line.
func (n *Names) sift(at time.Time, readings []device.Reading, rare bool) []device.Reading {
	n.out = n.out[:0]
	for _, r := range readings {
		if n.isKept(r.Name) || n.come(at, r.Name, rare) {
			n.out = append(n.out, r)
		}
	}
	return n.out
}

// come counts a name that is not kept, and reports whether it is kept from now on.
func (n *Names) come(at time.Time, name string, rare bool) bool {
	if n.isGiven(name) {
		n.kept = place(n.kept, mostKept, seen{name, n.lines, Times})
		return true
	}
	i := slices.IndexFunc(n.fresh, func(f seen) bool { return f.name == name })
	if i < 0 {
		n.make(at, name)
		n.fresh = place(n.fresh, mostFresh, seen{name: name, line: n.lines})
		i = slices.IndexFunc(n.fresh, func(f seen) bool { return f.name == name })
	}
	f := &n.fresh[i]
	f.line = n.lines
	f.times++
	if f.times < Times && !rare {
		return false
	}
	n.kept = place(n.kept, mostKept, *f)
	n.fresh = slices.Delete(n.fresh, i, i+1)
	return true
}

// place adds a name. If there are the most already, it takes the place of the one that has
// not come for longest.
func place(names []seen, most int, name seen) []seen {
	if len(names) < most {
		return append(names, name)
	}
	oldest := &names[0]
	for i := range names {
		if names[i].line < oldest.line {
			oldest = &names[i]
		}
	}
	*oldest = name
	return names
}
