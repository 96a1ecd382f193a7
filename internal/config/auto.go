package config

import (
	"fmt"
	"path/filepath"
	"slices"

	"arduino-gateway/device"
	"arduino-gateway/internal/strictyaml"
)

// Auto is whether boards that no device is for are published under the ID with
// which they say hello.
type Auto struct {
	On    bool
	Ports []string // patterns, as in path.Match, of ports to listen on; none is every USB port
}

// auto takes true, or patterns of ports.
func (r *reader) auto(to *Auto) strictyaml.Set {
	patterns := r.Items(r.Scalar("a pattern of ports", func(key string, n *strictyaml.Node) {
		if _, err := filepath.Match(n.Value, ""); err != nil || n.Value == "" {
			r.Say(n, key, strictyaml.Quote(n.Value)+" is no pattern", "such as /dev/ttyUSB*, or usb:2341:*")
			return
		}
		to.Ports = append(to.Ports, n.Value)
	}))
	return func(key string, n *strictyaml.Node) {
		if !strictyaml.IsList(n) {
			r.Flag(&to.On)(key, n)
			return
		}
		patterns(key, n)
		to.On = len(to.Ports) > 0
		if len(n.Content) == 0 {
			r.Say(n, key, "there is no pattern", "such as [/dev/ttyUSB*], or true")
		}
	}
}

// Adopt gives the device that a board is which says hello at a port, at so many
// bits a second, or says why it can't be one. The configuration stays as it is.
func (c *Config) Adopt(id, port string, baud int) (device.Device, error) {
	d := device.Device{ID: id, Port: port, Baud: device.BaudAuto, Spoke: baud, ClientID: c.Gateway.ID + "-" + id,
		Format: device.FormatAuto, LineEnding: device.LF, Describe: new(true), Found: true}
	switch {
	case id == "gateway":
		return d, fmt.Errorf("a device cannot be called gateway: its topics are the gateway's own")
	case !device.ValidID(id) || len(id) > longestLevel:
		return d, fmt.Errorf("%s is no ID of a device", strictyaml.Quote(id))
	case c.MQTT.Protocol == protocol31 && len(d.ClientID) > longestID31:
		return d, fmt.Errorf("its client ID %s has %d bytes, and MQTT 3.1 allows %d", strictyaml.Quote(d.ClientID), len(d.ClientID), longestID31)
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

// WithDevice gives the configuration with one device more, or another under its ID.
func (c *Config) WithDevice(d device.Device) *Config {
	with := c.WithoutDevice(d.ID)
	with.Devices = append(with.Devices, d)
	return with
}

// WithoutDevice gives the configuration without a device.
func (c *Config) WithoutDevice(id string) *Config {
	return c.without(func(d device.Device) bool { return d.ID == id })
}

// WithoutFound gives the configuration as devices.yaml has it, without those that
// were found by their hello.
func (c *Config) WithoutFound() *Config {
	return c.without(func(d device.Device) bool { return d.Found })
}

func (c *Config) without(unwanted func(device.Device) bool) *Config {
	with := *c
	with.Devices = slices.DeleteFunc(slices.Clone(c.Devices), unwanted)
	return &with
}
