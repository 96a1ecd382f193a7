package config

import (
	"fmt"
	"slices"

	"arduino-gateway/device"
	"arduino-gateway/internal/deviceid"
	"arduino-gateway/internal/strictyaml"
)

// Adopt returns the device for a board that identified itself at a port. The error is
// why it cannot be one. The configuration stays as it is.
func (c *Config) Adopt(id, port string) (device.Device, error) {
	d, err := c.AdoptPlain(id, port)
	d.Describe = new(true)
	return d, err
}

// AdoptPlain returns the device for a board that only prints lines, as an entry with
// nothing but its port would make it.
func (c *Config) AdoptPlain(id, port string) (device.Device, error) {
	d := device.Device{ID: id, Port: port, Baud: device.BaudAuto, ClientID: c.clientID(id),
		Format: device.FormatAuto, LineEnding: device.LF}
	switch {
	case id == "gateway":
		return d, fmt.Errorf("a device cannot be called gateway: the gateway uses those topics")
	case !deviceid.Valid(id) || len(id) > longestLevel:
		return d, fmt.Errorf("%s is not a device ID", strictyaml.Quote(id))
	case c.MQTT.tooLong(d.ClientID) != "":
		return d, fmt.Errorf("its client ID %s", c.MQTT.tooLong(d.ClientID))
	case d.ClientID == c.Gateway.ID:
		return d, fmt.Errorf("its client ID %s is the gateway's own", strictyaml.Quote(d.ClientID))
	}
	i := slices.IndexFunc(c.Devices, func(o device.Device) bool {
		return o.ID == id || o.ClientID == d.ClientID || samePort(o.Port) == samePort(port)
	})
	switch {
	case i < 0:
		return d, nil
	case c.Devices[i].ID == id:
		return d, fmt.Errorf("device %s is at %s", id, c.Devices[i].Port)
	case c.Devices[i].ClientID == d.ClientID:
		return d, fmt.Errorf("its client ID %s is that of device %s", strictyaml.Quote(d.ClientID), c.Devices[i].ID)
	}
	return d, fmt.Errorf("%s is the port of device %s", port, c.Devices[i].ID)
}

// Taken reports whether a device has the ID, or the client ID that belongs to it.
func (c *Config) Taken(id string) bool {
	return slices.ContainsFunc(c.Devices, func(d device.Device) bool { return d.ID == id || d.ClientID == c.clientID(id) })
}

// clientID returns the client ID of a device whose entry has none.
func (c *Config) clientID(id string) string { return c.Gateway.ID + "-" + id }

// WithDevice returns the configuration with the device added, or replaced if one has
// its ID.
func (c *Config) WithDevice(d device.Device) *Config {
	with := c.WithoutDevice(d.ID)
	with.Devices = append(with.Devices, d)
	return with
}

// WithoutDevice returns the configuration without the device, if there is one.
func (c *Config) WithoutDevice(id string) *Config {
	without := *c
	without.Devices = slices.DeleteFunc(slices.Clone(c.Devices), func(d device.Device) bool { return d.ID == id })
	return &without
}
