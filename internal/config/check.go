package config

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"time"
	"unicode"

	"arduino-gateway/device"
)

// minSilence is the shortest that can be told from a board's own pause.
const minSilence = time.Second

// longestID31 is the longest client ID that MQTT 3.1 allows, in bytes.
const longestID31 = 23

// check looks at what depends on more than one key.
func (r *reader) check() {
	if len(r.Problems()) > 0 && !r.Has("") {
		return // not YAML: there is nothing more to say
	}
	r.checkGateway()
	r.checkBroker()
	r.checkEmbedded()
	r.checkTLS()
	if len(r.config.Devices) == 0 {
		r.SayAt("devices", "there is no device", "")
	}
	for i := range r.config.Devices {
		r.checkDevice(&r.config.Devices[i])
	}
	r.checkClientIDs()
	r.checkPorts()
}

func (r *reader) checkGateway() {
	if why := badLevel(r.config.Gateway.ID); why != "" {
		r.SayAt("gateway.id", "must be a topic level: "+why, "")
	}
	for level := range strings.SplitSeq(r.config.MQTT.BaseTopic, "/") {
		if why := badLevel(level); why != "" {
			r.SayAt("mqtt.base_topic", "a topic level "+why, "such as devices or home/greenhouse")
			return
		}
	}
}

// badLevel says why text cannot be a level of a topic; "" is fine.
func badLevel(text string) string {
	switch {
	case text == "":
		return "is empty"
	case strings.ContainsAny(text, "+#"):
		return "has a wildcard (+ or #)"
	case strings.Contains(text, "/"):
		return "has a /"
	case strings.HasPrefix(text, "$"):
		return "begins with $, which belongs to the broker"
	case strings.ContainsFunc(text, unicode.IsControl):
		return "has a control character"
	}
	return ""
}

func (r *reader) checkBroker() {
	m := r.config.MQTT
	if !r.Has("mqtt.broker") {
		r.SayAt("mqtt.broker", "is missing", "such as broker: mqtt://127.0.0.1:1883, or broker: embedded")
	}
	if m.BindAddress != "" && net.ParseIP(m.BindAddress) == nil || r.Has("mqtt.bind_address") && m.BindAddress == "" {
		r.SayAt("mqtt.bind_address", fmt.Sprintf("%q is no IP address", m.BindAddress), "the address of one of this machine's interfaces")
	}
	if m.PasswordFile != "" && m.Username == "" {
		r.SayAt("mqtt.password_file", "a password without mqtt.username", "add the user's name")
	}
}

func (r *reader) checkEmbedded() {
	m := r.config.MQTT
	if r.Has("mqtt.embedded") && !m.Embedded {
		r.SayAt("mqtt.embedded", "the built-in broker is not in use", "set broker: embedded, or remove this")
	}
	if m.Embedded && m.UsersFile == "" && !loopback(m.EmbeddedListen) {
		r.SayAt("mqtt.embedded.listen", m.EmbeddedListen+" is open to the network, without users",
			"set users_file and add users with `gateway passwd NAME`, or listen on 127.0.0.1")
	}
	if m.Embedded && m.UsersFile != "" && m.Username == "" {
		r.SayAt("mqtt.embedded.users_file", "the gateway needs a user of its own there, and mqtt.username is missing",
			"add mqtt.username and mqtt.password_file")
	}
}

func (r *reader) checkTLS() {
	t := r.config.MQTT.TLS
	if t == (TLS{}) {
		return
	}
	if (t.Cert == "") != (t.Key == "") {
		r.SayAt("mqtt.tls", "cert and key go together", "")
	}
	for _, b := range r.broker {
		if b.value == "mqtts" || b.value == "wss" {
			return
		}
	}
	r.SayAt("mqtt.tls", "no broker is reached by TLS", "use mqtts:// or wss://, or remove this")
}

func (r *reader) checkDevice(d *device.Device) {
	key := "devices." + d.ID
	switch {
	case d.ID == "gateway":
		r.SayAt(key, "a device cannot be called gateway: its topics are the gateway's own", "")
	case d.ID == "" || notInID.MatchString(d.ID):
		r.SayAt(key, "a device ID has only a-z, 0-9, _ and -", "")
	}
	if d.Port == "" {
		r.SayAt(key+".port", "is missing", "such as port: /dev/ttyACM0")
	}
	r.checkClientID(key, d.ClientID)
	r.checkFormat(key, d)
}

// checkClientID holds an ID against the rules of the protocol's version.
func (r *reader) checkClientID(key, id string) {
	m := r.config.MQTT
	at := key + ".client_id"
	switch {
	case id == "" && m.Protocol == protocol31:
		r.SayAt(at, "MQTT 3.1 has no random client ID", "set one, or protocol: \"3.1.1\"")
	case id == "" && !m.CleanSession:
		r.SayAt(at, "a random client ID needs a clean session", "set one, or clean_session: true")
	case m.Protocol == protocol31 && len(id) > longestID31:
		r.SayAt(at, fmt.Sprintf("%q has %d bytes, and MQTT 3.1 allows %d", id, len(id), longestID31), "set a shorter client_id")
	case strings.ContainsFunc(id, unicode.IsControl):
		r.SayAt(at, "a control character in a client ID", "")
	}
}

func (r *reader) checkFormat(key string, d *device.Device) {
	if d.Format == device.FormatPattern && d.Pattern == nil && !r.Has(key+".pattern") {
		r.SayAt(key+".pattern", "format pattern without a pattern", `such as pattern: 'T=(?P<temperature>\S+)'`)
	}
	if d.Pattern != nil && d.Format != device.FormatPattern && d.Format != device.FormatAuto {
		r.SayAt(key+".pattern", fmt.Sprintf("format %s does not use a pattern", d.Format), "set format: pattern, or remove it")
	}
	if len(d.Columns) > 0 && d.Format != device.FormatCSV && d.Format != device.FormatAuto {
		r.SayAt(key+".columns", fmt.Sprintf("format %s does not use columns", d.Format), "set format: csv, or remove them")
	}
	for i, name := range d.Columns {
		at := fmt.Sprintf("%s.columns[%d]", key, i)
		if why := badLevel(name); why != "" {
			r.SayAt(at, "the name is a topic level, which "+why, "")
		}
		if slices.Index(d.Columns, name) < i {
			r.SayAt(at, fmt.Sprintf("%q stands there twice", name), "")
		}
	}
	for name := range d.Readings {
		if why := badLevel(name); why != "" {
			r.SayAt(key+".readings."+name, "the name is a topic level, which "+why, "")
		}
	}
}

// checkClientIDs finds two sessions that would throw each other out for ever.
func (r *reader) checkClientIDs() {
	owner := map[string]string{r.config.Gateway.ID: "the gateway itself"}
	for _, d := range r.config.Devices {
		if d.ClientID == "" {
			continue
		}
		at := "devices." + d.ID + ".client_id"
		if other, taken := owner[d.ClientID]; taken {
			r.SayAt(at, fmt.Sprintf("%q is the client ID of %s", d.ClientID, other), "each session needs its own")
			continue
		}
		owner[d.ClientID] = fmt.Sprintf("device %s in line %d", d.ID, r.Line("devices."+d.ID))
	}
}

func (r *reader) checkPorts() {
	owner := map[string]string{}
	for _, d := range r.config.Devices {
		if d.Port == "" {
			continue
		}
		if other, taken := owner[d.Port]; taken {
			r.SayAt("devices."+d.ID+".port", fmt.Sprintf("%s is the port of device %s", d.Port, other), "")
			continue
		}
		owner[d.Port] = fmt.Sprintf("%s in line %d", d.ID, r.Line("devices."+d.ID+".port"))
	}
}
