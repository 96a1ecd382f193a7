package ports

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
)

// isUSB tells whether a port: value names a board by its USB identity, and not
// a path.
func isUSB(value string) bool {
	return strings.HasPrefix(value, "usb:") || strings.HasPrefix(value, "usb-path:")
}

// Resolve finds among all the port that a value means: a path, or
// usb:VID:PID[:SERIAL], or usb-path:BUS-PORT[.PORT…][:CONFIGURATION.INTERFACE].
// A path is good even if nothing is known of it. The error is fs.ErrNotExist
// where no such board is plugged in, *AmbiguousError where several are, and
// *NotReadyError where its port cannot be used yet.
func Resolve(value string, all []Port) (Port, error) {
	find := byPath
	if isUSB(value) {
		find = byIdentity
	}
	p, err := find(value, all)
	if err == nil && p.Chip.Bootloader {
		return Port{}, &NotReadyError{Port: p, Problem: inBootloader(p)}
	}
	return p, err
}

// byPath gives the port under the name that was asked for.
func byPath(value string, all []Port) (Port, error) {
	real, err := filepath.EvalSymlinks(value)
	if errors.Is(err, fs.ErrNotExist) {
		return Port{}, missingError(value)
	} else if err != nil {
		return Port{}, err
	}
	for _, p := range all {
		if p.Path == "" {
			continue
		}
		if to, err := filepath.EvalSymlinks(p.Path); err == nil && to == real {
			p.Path = value
			return p, nil
		}
	}
	return Port{Path: value}, nil
}

// missingError is fs.ErrNotExist for a path.
type missingError string

func (e missingError) Error() string { return string(e) + " does not exist" }

func (missingError) Unwrap() error { return fs.ErrNotExist }

func byIdentity(value string, all []Port) (Port, error) {
	matches := matcher(value)
	var found []Port
	for _, p := range all {
		if matches(p) {
			found = append(found, p)
		}
	}
	switch {
	case len(found) > 1:
		return Port{}, &AmbiguousError{Value: value, Candidates: found}
	case len(found) == 0:
		return Port{}, &awayError{value: value, near: near(value, all)}
	case found[0].Path == "":
		return Port{}, &NotReadyError{Port: found[0], Problem: found[0].absence()}
	}
	return found[0], nil
}

func matcher(value string) func(Port) bool {
	if id, ok := strings.CutPrefix(value, "usb:"); ok {
		vid, rest, _ := strings.Cut(id, ":")
		pid, serial, hasSerial := strings.Cut(rest, ":")
		return func(p Port) bool {
			return p.VID != "" && strings.EqualFold(p.VID, vid) && strings.EqualFold(p.PID, pid) && (!hasSerial || sameSerial(p.Serial, serial))
		}
	}
	at, iface, one := strings.Cut(strings.TrimPrefix(value, "usb-path:"), ":")
	return func(p Port) bool { return p.USBPath != "" && p.USBPath == at && (!one || p.Interface == iface) }
}

// AmbiguousError says that a value fits several ports.
type AmbiguousError struct {
	Value      string
	Candidates []Port // at least two
}

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("%s fits %d ports: %s", e.Value, len(e.Candidates), strings.Join(texts(e.Candidates, whereabouts), ", "))
}

// State says it in a word or two, after "port".
func (*AmbiguousError) State() string { return "ambiguous" }

// Hint says how to tell the candidates apart.
func (e *AmbiguousError) Hint() string {
	var values []string
	for _, p := range e.Candidates {
		if p.Value != "" {
			values = append(values, p.Value)
		}
	}
	return "write one of these as port: " + strings.Join(values, ", ")
}

// whereabouts: /dev/ttyUSB0 (CH340 at USB 1-1.2)
func whereabouts(p Port) string {
	place := p.Path
	if place == "" {
		place = "a board without a port"
	}
	if p.USBPath == "" {
		return place
	}
	return fmt.Sprintf("%s (%s at USB %s)", place, p.Name(), p.USBPath)
}

func texts(all []Port, text func(Port) string) []string {
	list := make([]string, len(all))
	for i, p := range all {
		list[i] = text(p)
	}
	return list
}

// awayError is fs.ErrNotExist with what else is plugged in.
type awayError struct {
	value string
	near  []Port
}

func (e *awayError) Error() string {
	text := e.value + " is not plugged in"
	if len(e.near) > 0 {
		text += "; there is " + strings.Join(texts(e.near, func(p Port) string {
			if p.Value == "" {
				return whereabouts(p)
			}
			return p.Value + " as " + whereabouts(p)
		}), ", ")
	}
	return text
}

func (*awayError) Unwrap() error { return fs.ErrNotExist }

// near finds boards of the same kind as a value with a serial number.
func near(value string, all []Port) (found []Port) {
	if !strings.HasPrefix(value, "usb:") || strings.Count(value, ":") < 3 {
		return nil
	}
	parts := strings.SplitN(value, ":", 4)
	same := matcher(strings.Join(parts[:3], ":"))
	for _, p := range all {
		if same(p) {
			found = append(found, p)
		}
	}
	return found
}

// NotReadyError says that the board is plugged in, and that its port cannot be
// used yet.
type NotReadyError struct {
	Port    Port
	Problem Problem
}

func (e *NotReadyError) Error() string { return e.Problem.What }

// State says it in a word or two, after "port".
func (*NotReadyError) State() string { return "not ready" }

// Hint is the command that mends it, if there is one.
func (e *NotReadyError) Hint() string { return e.Problem.Fix }
