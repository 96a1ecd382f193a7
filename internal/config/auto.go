package config

import (
	"fmt"
	"path/filepath"
	"slices"

	"arduino-gateway/device"
	"arduino-gateway/internal/strictyaml"
)

// Auto is whether boards that no device is for are published.
type Auto struct {
	On    bool     // under the ID with which they say hello
	Any   bool     // those too that only print lines, under an ID made of their names
	Ports []string // patterns, as in path.Match, of ports to listen on; none is every USB port
}

// auto takes true, or patterns of ports, or a mapping that says more.
func (r *reader) auto(to *Auto) strictyaml.Set {
	return func(key string, n *strictyaml.Node) {
		switch {
		case strictyaml.IsMapping(n):
			to.On = true
			r.Fields(map[string]strictyaml.Set{"any": r.Flag(&to.Any), "ports": r.patterns(&to.Ports, "without ports it is every USB port")})(key, n)
		case strictyaml.IsList(n):
			r.patterns(&to.Ports, "such as [/dev/ttyUSB*], or true")(key, n)
			to.On = len(to.Ports) > 0
		default:
			r.Flag(&to.On)(key, n)
		}
	}
}

// isAuto tells whether what stands at auto is no device of that name: that would
// have a port.
func isAuto(n *strictyaml.Node) bool {
	return !strictyaml.IsMapping(n) || strictyaml.HasKey(n, "any") || !strictyaml.HasKey(n, "port")
}

// patterns takes a list of them; none is what the hint says.
func (r *reader) patterns(to *[]string, none string) strictyaml.Set {
	items := r.Items(r.Scalar("a pattern of ports", func(key string, n *strictyaml.Node) {
		if _, err := filepath.Match(n.Value, ""); err != nil || n.Value == "" {
			r.Reject(n, key, strictyaml.Quote(n.Value)+" is no pattern", "such as /dev/ttyUSB*, or usb:2341:*")
			return
		}
		*to = append(*to, n.Value)
	}))
	return func(key string, n *strictyaml.Node) {
		items(key, n)
		if strictyaml.IsList(n) && len(n.Content) == 0 {
			r.Reject(n, key, "there is no pattern", none)
		}
	}
}

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

// Taken tells whether a device has the ID, or the client ID that would come of it.
func (c *Config) Taken(id string) bool {
	return slices.ContainsFunc(c.Devices, func(d device.Device) bool { return d.ID == id || d.ClientID == c.clientID(id) })
}

// clientID is that of a device which names none.
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
