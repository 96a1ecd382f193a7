package homeassistant

import (
	"cmp"
	"maps"
	"strings"
	"time"

	"arduino-gateway/device"
)

// Device is what is to be announced of a board.
type Device struct {
	ID       string
	Topics   Topics
	Silence  time.Duration                 // without a line for so long it is offline; 0 is never
	Readings map[string]device.ReadingSpec // by the board's names
	Commands map[string]device.Command
}

// Topics tell where a device is at the broker.
type Topics struct {
	Base      string                                // of the device: what makes its entities its own
	Available []string                              // each says online while there is something to hear
	Reading   func(name string) (topic, key string) // key: of a JSON object there; "" where the value is all
	Command   func(name string) string
}

// overruling gives the device with what its board tells of itself; the device's
// own words overrule it, name by name.
func (d Device) overruling(board device.Description) Device {
	d.Readings = overrule(board.Readings, d.Readings)
	d.Commands = overrule(board.Commands, d.Commands)
	return d
}

func overrule[T any](board, own map[string]T) map[string]T {
	if len(board) == 0 {
		return own
	}
	all := maps.Clone(board)
	maps.Copy(all, own)
	return all
}

// published gives what is known of each reading under the name it is published
// by, and the names that none is published by.
func (d Device) published() (specs map[string]device.ReadingSpec, hidden map[string]bool) {
	specs, hidden = map[string]device.ReadingSpec{}, map[string]bool{}
	for name, spec := range d.Readings {
		if spec.Ignore || spec.Rename != "" {
			hidden[name] = true
		}
		if !spec.Ignore {
			specs[cmp.Or(spec.Rename, name)] = spec
		}
	}
	for name := range specs {
		delete(hidden, name) // another one has it now
	}
	return specs, hidden
}

// objectID names the device in Home Assistant, where a topic level has letters,
// digits, _ and - alone. It goes by the topic and not by the gateway, so that a
// new host name leaves all as it was.
func (d Device) objectID() string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_', r == '-':
			return r
		}
		return '_'
	}, d.Topics.Base)
}
