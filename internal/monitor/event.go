package monitor

import (
	"encoding/json"
	"fmt"
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

// packed is the event with a text that JSON cannot hold as Raw: whoever looks for
// a wrong baud needs the bytes that came.
func (e Event) packed() Event {
	if !utf8.ValidString(e.Text) {
		e.Raw, e.Text = []byte(e.Text), ""
	}
	return e
}

// unpacked undoes packed.
func (e Event) unpacked() Event {
	if e.Raw != nil {
		e.Text, e.Raw = string(e.Raw), nil
	}
	return e
}

// request is what a watcher says.
type request struct {
	Device string `json:"device"`
}

// refusal is the answer to a request that can't be met.
type refusal struct {
	Error   string   `json:"error"`
	Devices []string `json:"devices"` // those that there are
}

const (
	maxRequest = 256       // bytes of a line
	maxEvent   = 256 << 10 // bytes of a line
)

// decodeRequest reads {"device":"greenhouse"}.
func decodeRequest(line []byte) (request, error) {
	var r request
	if err := json.Unmarshal(line, &r); err != nil {
		return r, fmt.Errorf("the request is no JSON object: %w", err)
	}
	if r.Device == "" {
		return r, fmt.Errorf("the request names no device")
	}
	return r, nil
}

// decodeAnswer reads an event, or a refusal, which has devices and no kind.
func decodeAnswer(line []byte) (Event, *refusal, error) {
	var both struct {
		Event
		Devices []string `json:"devices"`
	}
	if err := json.Unmarshal(line, &both); err != nil {
		return Event{}, nil, fmt.Errorf("the gateway sent no JSON object: %w", err)
	}
	if both.Kind == "" {
		return Event{}, &refusal{Error: both.Error, Devices: both.Devices}, nil
	}
	return both.Event.unpacked(), nil, nil
}
