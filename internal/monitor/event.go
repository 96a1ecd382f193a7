package monitor

import (
	"time"
	"unicode/utf8"

	"arduino-gateway/device"
)

// Kind says which way an Event went.
type Kind string

// The kinds of events.
const (
	In      Kind = "in"      // a line of the board; Readings are what it was decoded to
	Refused Kind = "refused" // a line that does not parse, or a command that may not be sent; Error says why
	Out     Kind = "out"     // a command line, as written to the board
	Note    Kind = "note"    // anything else worth telling: opened, closed, connected
)

// Event is something that happened to a device.
type Event struct {
	Seq      uint64            `json:"-"` // its place among all of the device, where they are counted; else 0
	Time     time.Time         `json:"time"`
	Device   string            `json:"device"`
	Kind     Kind              `json:"kind"`
	Text     string            `json:"text,omitempty"`     // the line without its ending, or the note
	Readings []device.Reading  `json:"readings,omitempty"` // as published
	Withheld []device.Withheld `json:"withheld,omitempty"` // not published
	Error    string            `json:"error,omitempty"`
	Dropped  uint64            `json:"dropped,omitempty"` // events lost right before this one, since the watcher was slow
	Raw      []byte            `json:"raw,omitempty"`     // Text on its way over the socket, where it is no UTF-8
}

// Packed is the event with a text that JSON cannot hold as Raw: whoever looks for
// a wrong baud needs the bytes that came.
func (e Event) Packed() Event {
	if !utf8.ValidString(e.Text) {
		e.Raw, e.Text = []byte(e.Text), ""
	}
	return e
}

// Unpacked undoes Packed.
func (e Event) Unpacked() Event {
	if e.Raw != nil {
		e.Text, e.Raw = string(e.Raw), nil
	}
	return e
}
