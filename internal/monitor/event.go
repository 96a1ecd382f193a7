package monitor

import (
	"time"
	"unicode/utf8"

	"arduino-gateway/device"
)

// Kind is the direction of an Event.
type Kind string

// The kinds of events.
const (
	In      Kind = "in"      // a line of the board; Readings are its values
	Refused Kind = "refused" // a line that does not parse, or a command that may not be sent; Error says why
	Out     Kind = "out"     // a command line, as written to the board
	Note    Kind = "note"    // any other event: opened, closed, connected
)

// Event is something that happened to a device.
type Event struct {
	Seq      uint64            `json:"-"` // its number among the device's events; 0 if they are not counted
	Time     time.Time         `json:"time"`
	Device   string            `json:"device"`
	Kind     Kind              `json:"kind"`
	Text     string            `json:"text,omitempty"`     // the line without its ending, or the note
	Readings []device.Reading  `json:"readings,omitempty"` // as published
	Withheld []device.Withheld `json:"withheld,omitempty"` // readings that are not published
	Error    string            `json:"error,omitempty"`
	Dropped  uint64            `json:"dropped,omitempty"` // events lost before this one, since the watcher was slow
	Raw      []byte            `json:"raw,omitempty"`     // Text, if it is not UTF-8, on its way over the socket
}

// Packed returns the event with its text in Raw if JSON cannot hold it: the bytes as
// they came show a wrong baud rate.
func (e Event) Packed() Event {
	if !utf8.ValidString(e.Text) {
		e.Raw, e.Text = []byte(e.Text), ""
	}
	return e
}

// Unpacked reverses Packed.
func (e Event) Unpacked() Event {
	if e.Raw != nil {
		e.Text, e.Raw = string(e.Raw), nil
	}
	return e
}
