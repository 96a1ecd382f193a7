package config

import (
	"fmt"
	"regexp"

	"arduino-gateway/device"
	"arduino-gateway/internal/strictyaml"
)

// reader fills in a Config from a document. Each section has a reader of its own,
// which reads the section's keys and checks those that depend on each other.
type reader struct {
	doc     document
	config  *Config
	mqtt    mqttReader
	devices []deviceReader // in the file's order
}

func newReader(doc document, c *Config, env func(string) string) *reader {
	return &reader{doc: doc, config: c, mqtt: mqttReader{doc, &c.MQTT, env("GATEWAY_MQTT_PASSWORD") != ""}}
}

func (r *reader) read() {
	c, d := r.config, r.doc
	d.Root(map[string]strictyaml.Set{
		"gateway": d.Fields(map[string]strictyaml.Set{"id": d.level(&c.Gateway.ID)}),
		"mqtt":    d.Fields(r.mqtt.keys()),
		"spool": d.Fields(map[string]strictyaml.Set{
			"dir":      d.path(&c.Spool.Dir),
			"max_size": r.size(&c.Spool.MaxSize),
			"sync":     d.Duration(&c.Spool.Sync, leastSync),
		}),
		"http": d.Fields(map[string]strictyaml.Set{
			"listen":     r.listenOrOff(&c.HTTP.Listen),
			"token_file": d.path(&c.HTTP.TokenFile),
			"hosts":      r.hosts(&c.HTTP.Hosts),
		}),
		"devices": r.readDevices,
	})
	for _, entry := range r.devices {
		if !d.Has(entry.key + ".client_id") {
			entry.device.ClientID = c.clientID(entry.device.ID)
		}
		c.Devices = append(c.Devices, *entry.device)
	}
}

// readDevices reads the word auto, or a mapping of devices, which may contain
// auto: true.
func (r *reader) readDevices(key string, n *strictyaml.Node) {
	auto := autoReader{r.doc, &r.config.Auto}
	if strictyaml.IsWord(n, "auto") {
		auto.auto.On = true
		return
	}
	r.doc.Each(func(path, id string, n *strictyaml.Node) {
		if id == "auto" && isAuto(n) {
			auto.read(path, n)
			return
		}
		d := &device.Device{ID: id, Baud: 115200, Format: device.FormatAuto, LineEnding: device.LF}
		entry := deviceReader{doc: r.doc, key: path, device: d}
		r.doc.Fields(entry.keys())(path, n)
		r.devices = append(r.devices, entry)
	})(key, n)
}

// listenOrOff reads the address of the dashboard.
func (r *reader) listenOrOff(to *string) strictyaml.Set {
	listen := r.doc.listen(to, defaultHTTP+", or off")
	return func(key string, n *strictyaml.Node) {
		if strictyaml.IsOff(n) {
			*to = ""
			return
		}
		listen(key, n)
	}
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`)

// hosts reads a list of this machine's names.
func (r *reader) hosts(to *[]string) strictyaml.Set {
	return r.doc.Items(r.doc.Scalar("a name", func(key string, n *strictyaml.Node) {
		if !hostName.MatchString(n.Value) {
			r.doc.Reject(n, key, strictyaml.Quote(n.Value)+" is not a host name", "such as pi.example.org, without port")
			return
		}
		*to = append(*to, n.Value)
	}))
}

// check checks what depends on more than one key.
func (r *reader) check() {
	r.mqtt.check()
	if len(r.devices) == 0 && !r.config.Auto.On && r.doc.Valid("devices") {
		r.doc.ReportAt("devices", "has no device", "such as greenhouse: {port: /dev/ttyACM0}")
	}
	for _, entry := range r.devices {
		entry.check(r.config.MQTT)
	}
	r.checkGatewayID()
	r.checkClientIDs()
	r.checkPorts()
}

// checkPorts finds two devices that would read from one port.
func (r *reader) checkPorts() {
	owner := map[string]string{}
	for _, entry := range r.devices {
		port := entry.device.Port
		if port == "" {
			continue
		}
		at := entry.key + ".port"
		if other, taken := owner[samePort(port)]; taken {
			r.doc.ReportAt(at, strictyaml.Quote(port)+" is the port of device "+other, "each device needs its own port")
			continue
		}
		owner[samePort(port)] = fmt.Sprintf("%s in line %d", entry.device.ID, r.doc.Line(at))
	}
}
