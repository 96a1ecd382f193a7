package reload

import (
	"maps"

	"arduino-gateway/device"
	"arduino-gateway/internal/config"
)

// State is what a gateway runs by. It is a value: its methods return another one.
type State struct {
	Config   *config.Config             // with the devices of detected boards among its devices
	Detected map[string]device.Detected // by ID, the devices that have no entry in devices.yaml
	Files    Files
}

// Files are the contents of the files that a configuration names.
type Files struct {
	Password      string
	CA, Cert, Key []byte            // PEM; nil if none is named
	Users         map[string]string // hashes by name, of the built-in broker; nil if it has none
	Token         string            // of the dashboard; "" if it needs none
}

// WithDetected returns the state with the device of a detected board added, or
// replaced if one has its ID.
func (s State) WithDetected(d device.Device, facts device.Detected) State {
	s.Config = s.Config.WithDevice(d)
	s.Detected = maps.Clone(s.Detected)
	if s.Detected == nil {
		s.Detected = map[string]device.Detected{}
	}
	s.Detected[d.ID] = facts
	return s
}

// WithoutDevices returns the state without the devices with these IDs.
func (s State) WithoutDevices(ids ...string) State {
	s.Detected = maps.Clone(s.Detected)
	for _, id := range ids {
		s.Config = s.Config.WithoutDevice(id)
		delete(s.Detected, id)
	}
	return s
}

// WithoutDetected returns the state with the devices of devices.yaml alone.
func (s State) WithoutDetected() State {
	for id := range s.Detected {
		s.Config = s.Config.WithoutDevice(id)
	}
	s.Detected = nil
	return s
}
