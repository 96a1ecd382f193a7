package config

import (
	"fmt"
	"net"
	"time"

	"arduino-gateway/internal/strictyaml"
)

// mqttReader reads the section mqtt.
type mqttReader struct {
	doc      document
	mqtt     *MQTT
	password bool // the environment has one
}

func (r mqttReader) keys() map[string]strictyaml.Set {
	d, m := r.doc, r.mqtt
	return map[string]strictyaml.Set{
		"broker":        r.brokers,
		"order":         r.order(),
		"username":      d.text(&m.Username),
		"password_file": d.path(&m.PasswordFile),
		"tls": d.Fields(map[string]strictyaml.Set{
			"ca": d.path(&m.TLS.CA), "cert": d.path(&m.TLS.Cert), "key": d.path(&m.TLS.Key),
		}),
		"protocol":      r.protocol(),
		"keep_alive":    r.keepAlive(),
		"bind_address":  r.address(),
		"clean_session": d.Flag(&m.CleanSession),
		"base_topic":    d.topic(&m.BaseTopic),
		"qos":           strictyaml.Whole(d.Document, &m.QoS, 0, 1),
		"retain":        d.Flag(&m.Retain),
		"payload":       strictyaml.Word(d.Document, &m.Payload, "value", "json", "both"),
		"reconnect": d.Fields(map[string]strictyaml.Set{
			"min_delay": d.Duration(&m.ReconnectMin, leastReconnect), "max_delay": d.Duration(&m.ReconnectMax, leastReconnect),
		}),
		"max_inflight":     strictyaml.Whole(d.Document, &m.MaxInflight, 1, 10_000),
		"discovery":        r.discovery(),
		"discovery_prefix": d.topic(&m.DiscoveryPrefix),
		"late_after":       d.DurationOrOff(&m.LateAfter, time.Second),
		"embedded": d.Fields(map[string]strictyaml.Set{
			"listen": d.listen(&m.EmbeddedListen, defaultListen), "users_file": d.path(&m.UsersFile),
		}),
	}
}

// discovery reads the name of the program to announce devices to, or off.
func (r mqttReader) discovery() strictyaml.Set {
	var word string
	set := strictyaml.Word(r.doc.Document, &word, "homeassistant", "off")
	return func(key string, n *strictyaml.Node) {
		if r.doc.Apply(set, key, n) {
			r.mqtt.Discovery = word == "homeassistant"
		}
	}
}

func (r mqttReader) protocol() strictyaml.Set {
	levels := map[string]uint{"3.1": protocol31, "3.1.1": protocol311}
	var version string
	word := strictyaml.Word(r.doc.Document, &version, "3.1", "3.1.1")
	return func(key string, n *strictyaml.Node) {
		if r.doc.Apply(word, key, n) {
			r.mqtt.Protocol = levels[version]
		}
	}
}

// keepAlive reads a time that MQTT sends as whole seconds in 16 bits.
func (r mqttReader) keepAlive() strictyaml.Set {
	var v time.Duration
	duration := r.doc.Duration(&v, time.Second)
	return func(key string, n *strictyaml.Node) {
		if !r.doc.Apply(duration, key, n) {
			return
		}
		if v%time.Second != 0 || v > 65535*time.Second {
			r.doc.Reject(n, key, strictyaml.Quote(n.Value)+" is not a number of seconds up to 65535", "such as 30s")
			return
		}
		r.mqtt.KeepAlive = v
	}
}

// address reads one of this machine's IP addresses.
func (r mqttReader) address() strictyaml.Set {
	return r.doc.Scalar("an IP address", func(key string, n *strictyaml.Node) {
		if net.ParseIP(n.Value) == nil {
			r.doc.Reject(n, key, strictyaml.Quote(n.Value)+" is not an IP address", "use that of one of this machine's interfaces")
			return
		}
		r.mqtt.BindAddress = n.Value
	})
}

// check checks the keys that depend on each other.
func (r mqttReader) check() {
	d, m := r.doc, r.mqtt
	if d.Missing("mqtt.broker") {
		d.ReportAt("mqtt.broker", "is missing", "such as broker: mqtt://127.0.0.1:1883, or broker: embedded")
	}
	if m.PasswordFile != "" && m.Username == "" && d.Valid("mqtt.username") {
		d.ReportAt("mqtt.password_file", "needs mqtt.username", "add the user's name")
	}
	if r.password && m.PasswordFile == "" && m.Username == "" && d.Valid("mqtt.username") {
		d.WarnAt("mqtt.username", "is missing, and so the password in GATEWAY_MQTT_PASSWORD is not sent", "add the user's name, or unset the variable")
	}
	if m.ReconnectMin > m.ReconnectMax && d.Valid("mqtt.reconnect") {
		d.ReportAt("mqtt.reconnect", fmt.Sprintf("min_delay %v is longer than max_delay %v", m.ReconnectMin, m.ReconnectMax), "")
	}
	if d.Has("mqtt.discovery_prefix") && !m.Discovery && d.Valid("mqtt.discovery") {
		d.WarnAt("mqtt.discovery_prefix", "has no effect: discovery is off", "set discovery: homeassistant, or remove this")
	}
	r.checkEmbedded()
	r.checkTLS()
}

func (r mqttReader) checkEmbedded() {
	d, m := r.doc, r.mqtt
	if d.Has("mqtt.embedded") && !m.Embedded && d.Has("mqtt.broker") && d.Valid("mqtt.broker") {
		d.WarnAt("mqtt.embedded", "has no effect: the built-in broker is not used", "set broker: embedded, or remove this")
	}
	if !m.Embedded || !d.Valid("mqtt.embedded") {
		return
	}
	if m.UsersFile == "" && !loopback(m.EmbeddedListen) {
		d.ReportAt("mqtt.embedded.listen", m.EmbeddedListen+" is open to the network without a password",
			"set users_file and add users with `gateway passwd NAME`, or listen on 127.0.0.1")
	}
	if m.UsersFile != "" && m.Username == "" && d.Valid("mqtt.username") {
		d.ReportAt("mqtt.embedded.users_file", "the gateway itself needs one of the users, and mqtt.username is missing",
			"add mqtt.username and mqtt.password_file")
	}
}

func (r mqttReader) checkTLS() {
	d, t := r.doc, r.mqtt.TLS
	if t == (TLS{}) || !d.Valid("mqtt.tls") {
		return
	}
	if (t.Cert == "") != (t.Key == "") {
		d.ReportAt("mqtt.tls", "cert and key must be set together", "add the other")
	}
	if !r.mqtt.Secure() && d.Has("mqtt.broker") && d.Valid("mqtt.broker") {
		d.WarnAt("mqtt.tls", "has no effect: no broker uses TLS", "use mqtts:// or wss://, or remove this")
	}
}
