package status

import (
	"cmp"
	"maps"
	"slices"

	"arduino-gateway/device"
)

// Command is a command that a device accepts.
type Command struct {
	Name      string   `json:"name"`
	Type      string   `json:"type"`
	Min       *int64   `json:"min,omitempty"`
	Max       *int64   `json:"max,omitempty"`
	Values    []string `json:"values,omitempty"`
	MaxLength int      `json:"max_length,omitempty"` // bytes of a text
}

// Commands returns the commands of a device, sorted by name.
func Commands(commands map[string]device.Command) []Command {
	all := []Command{}
	for _, name := range slices.Sorted(maps.Keys(commands)) {
		c := commands[name]
		one := Command{Name: name, Type: string(c.Type), Min: c.Min, Max: c.Max, Values: c.Values}
		if c.Type == device.Text {
			one.MaxLength = cmp.Or(c.MaxLength, device.DefaultMaxLength)
		}
		all = append(all, one)
	}
	return all
}
