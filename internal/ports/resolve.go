package ports

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
)

// isUSB reports whether a port: value is a USB identity and not a path.
func isUSB(value string) bool {
	return strings.HasPrefix(value, "usb:") || strings.HasPrefix(value, "usb-path:")
}

// Resolve returns the port of all that a value means: a path, or
// usb:VID:PID[:SERIAL], or usb-path:BUS-PORT[.PORT…][:CONFIGURATION.INTERFACE].
// A path that exists is valid even if nothing else is known about it. The error is
// fs.ErrNotExist if no such board is plugged in, *AmbiguousError if several are, and
// *NotReadyError if its port cannot be used yet.
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

// byPath returns the port with a path. Its Path is the name asked for.
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
	var matching []Port
	for _, p := range all {
		if matches(p) {
			matching = append(matching, p)
		}
	}
	switch {
	case len(matching) > 1:
		return Port{}, &AmbiguousError{Value: value, Candidates: matching}
	case len(matching) == 0:
		return Port{}, &unpluggedError{value: value, similar: similar(value, all)}
	case matching[0].Path == "":
		return Port{}, &NotReadyError{Port: matching[0], Problem: matching[0].absence()}
	}
	return matching[0], nil
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

// AmbiguousError reports that a value matches several ports.
type AmbiguousError struct {
	Value      string
	Candidates []Port // at least two
}

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("%s matches %d ports: %s", e.Value, len(e.Candidates), strings.Join(texts(e.Candidates, whereabouts), ", "))
}

// State describes the port in a few words, to stand after "port".
func (*AmbiguousError) State() string { return "ambiguous" }

// Hint returns how to tell the candidates apart.
func (e *AmbiguousError) Hint() string {
	var values []string
	for _, p := range e.Candidates {
		if p.Value != "" {
			values = append(values, p.Value)
		}
	}
	return "set port to one of these: " + strings.Join(values, ", ")
}

// whereabouts formats a port: /dev/ttyUSB0 (CH340 at USB 1-1.2)
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

// unpluggedError is fs.ErrNotExist with the similar boards that are plugged in.
type unpluggedError struct {
	value   string
	similar []Port
}

func (e *unpluggedError) Error() string {
	text := e.value + " is not plugged in"
	if len(e.similar) > 0 {
		text += "; similar boards: " + strings.Join(texts(e.similar, func(p Port) string {
			if p.Value == "" {
				return whereabouts(p)
			}
			return p.Value + " at " + whereabouts(p)
		}), ", ")
	}
	return text
}

func (*unpluggedError) Unwrap() error { return fs.ErrNotExist }

// similar returns the boards that differ from a value only by their serial number.
func similar(value string, all []Port) (boards []Port) {
	if !strings.HasPrefix(value, "usb:") || strings.Count(value, ":") < 3 {
		return nil
	}
	parts := strings.SplitN(value, ":", 4)
	same := matcher(strings.Join(parts[:3], ":"))
	for _, p := range all {
		if same(p) {
			boards = append(boards, p)
		}
	}
	return boards
}

// NotReadyError reports that the board is plugged in but its port cannot be used yet.
type NotReadyError struct {
	Port    Port
	Problem Problem
}

func (e *NotReadyError) Error() string { return e.Problem.What }

// State describes the port in a few words, to stand after "port".
func (*NotReadyError) State() string { return "not ready" }

// Hint returns the command that fixes it, or "".
func (e *NotReadyError) Hint() string { return e.Problem.Fix }
