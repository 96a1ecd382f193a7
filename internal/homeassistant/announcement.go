package homeassistant

import (
	"cmp"
	"maps"
	"strings"
	"time"

	"arduino-gateway/device"
)

// Announcement is what to announce of a device.
type Announcement struct {
	ID       string
	Topics   Topics
	Silence  time.Duration       // without a line for this long it is offline; 0 is never
	Readings device.ReadingSpecs // by the board's names
	Commands map[string]device.Command
}

// Topics are those of a device at the broker.
type Topics struct {
	Base      string                                // of the device; makes its entities unique
	Available []string                              // each is online while the device can be reached
	Reading   func(name string) (topic, key string) // key: of the JSON object there; "" if the payload is the value
	Command   func(name string) string
}

// describedBy returns the announcement with what the board says of itself added. For
// each name the device's own configuration wins.
func (a Announcement) describedBy(board device.Description) Announcement {
	a.Readings = a.Readings.Over(board.Readings)
	if len(board.Commands) > 0 {
		commands := maps.Clone(board.Commands)
		maps.Copy(commands, a.Commands)
		a.Commands = commands
	}
	return a
}

// published returns the specification of each reading by its published name or a pattern,
// and the names under which nothing is published.
func (a Announcement) published() (specs device.ReadingSpecs, hidden map[string]bool) {
	specs, hidden = device.ReadingSpecs{}, map[string]bool{}
	for name, spec := range a.Readings {
		if spec.Ignore || spec.Rename != "" {
			hidden[name] = true
		}
		if !spec.Ignore || device.IsPattern(name) {
			specs[cmp.Or(spec.Rename, name)] = spec
		}
	}
	for name := range specs {
		delete(hidden, name) // another reading has this name now
	}
	return specs, hidden
}

// objectID returns the device's name for Home Assistant, whose topic levels only
// have letters, digits, _ and -. It is made of the topic and not of the gateway's
// ID, so that a new host name changes nothing.
func (a Announcement) objectID() string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_', r == '-':
			return r
		}
		return '_'
	}, a.Topics.Base)
}
