package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/strictyaml"
)

// minSilence is the shortest that can be told from a board's own pause.
const minSilence = time.Second

// How long a command may wait, and how far lines to a slow sketch may be apart.
const (
	leastExpires = 100 * time.Millisecond
	mostExpires  = time.Hour
	leastGap     = time.Millisecond
	mostGap      = 10 * time.Second
)

// longestBoot is more than any bootloader waits.
const longestBoot = time.Minute

// longestID31 is the longest client ID that MQTT 3.1 allows, in bytes.
const longestID31 = 23

// check looks at what depends on more than one key.
func (r *reader) check() {
	r.checkBroker()
	r.checkReconnect()
	r.checkDiscovery()
	r.checkEmbedded()
	r.checkTLS()
	if len(r.keys) == 0 && !r.config.Auto.On && r.Valid("devices") {
		r.ReportAt("devices", "there is no device", "such as greenhouse: {port: /dev/ttyACM0}")
	}
	for i, key := range r.keys {
		r.checkDevice(key, &r.config.Devices[i])
	}
	r.checkGatewayID()
	r.checkClientIDs()
	r.checkPorts()
}

func (r *reader) checkBroker() {
	m := r.config.MQTT
	if r.Missing("mqtt.broker") {
		r.ReportAt("mqtt.broker", "is missing", "such as broker: mqtt://127.0.0.1:1883, or broker: embedded")
	}
	if m.PasswordFile != "" && m.Username == "" && r.Valid("mqtt.username") {
		r.ReportAt("mqtt.password_file", "a password without mqtt.username", "add the user's name")
	}
}

func (r *reader) checkReconnect() {
	if m := r.config.MQTT; m.ReconnectMin > m.ReconnectMax && r.Valid("mqtt.reconnect") {
		r.ReportAt("mqtt.reconnect", fmt.Sprintf("min_delay %v is longer than max_delay %v", m.ReconnectMin, m.ReconnectMax), "")
	}
}

func (r *reader) checkDiscovery() {
	if r.Has("mqtt.discovery_prefix") && !r.config.MQTT.Discovery && r.Valid("mqtt.discovery") {
		r.WarnAt("mqtt.discovery_prefix", "nothing is announced", "set discovery: homeassistant, or remove this")
	}
}

func (r *reader) checkEmbedded() {
	m := r.config.MQTT
	if r.Has("mqtt.embedded") && !m.Embedded && r.Has("mqtt.broker") && r.Valid("mqtt.broker") {
		r.WarnAt("mqtt.embedded", "the built-in broker is not in use", "set broker: embedded, or remove this")
	}
	if !m.Embedded || !r.Valid("mqtt.embedded") {
		return
	}
	if m.UsersFile == "" && !loopback(m.EmbeddedListen) {
		r.ReportAt("mqtt.embedded.listen", m.EmbeddedListen+" is open to the network, without users",
			"set users_file and add users with `gateway passwd NAME`, or listen on 127.0.0.1")
	}
	if m.UsersFile != "" && m.Username == "" && r.Valid("mqtt.username") {
		r.ReportAt("mqtt.embedded.users_file", "the gateway needs a user of its own there, and mqtt.username is missing",
			"add mqtt.username and mqtt.password_file")
	}
}

func (r *reader) checkTLS() {
	t := r.config.MQTT.TLS
	if t == (TLS{}) || !r.Valid("mqtt.tls") {
		return
	}
	if (t.Cert == "") != (t.Key == "") {
		r.ReportAt("mqtt.tls", "cert and key go together", "add the other")
	}
	if !r.config.MQTT.Secure() && r.Has("mqtt.broker") && r.Valid("mqtt.broker") {
		r.WarnAt("mqtt.tls", "no broker is reached by TLS", "use mqtts:// or wss://, or remove this")
	}
}

func (r *reader) checkDevice(key string, d *device.Device) {
	switch {
	case d.ID == "gateway":
		r.ReportAt(key, "a device cannot be called gateway: its topics are the gateway's own", "")
	case !device.ValidID(d.ID):
		hint := ""
		if near := device.IDFrom(d.ID); near != "" {
			hint = "such as " + near
		}
		r.ReportAt(key, "a device ID has only a-z, 0-9, _ and -", hint)
	case len(d.ID) > longestLevel:
		r.checkName(key, d.ID)
	}
	if r.Missing(key + ".port") {
		r.ReportAt(key+".port", "is missing", portExample)
	}
	r.checkModemLines(key, d)
	if d.Baud == device.BaudAuto && strings.HasPrefix(d.Port, "tcp://") {
		r.ReportAt(key+".baud", "the rate of a tcp:// port is set at its server", "give that rate, or use rfc2217://")
	}
	r.checkFormat(key, d)
	r.checkNames(key, d)
	for _, name := range slices.Sorted(maps.Keys(d.Readings)) {
		r.checkDeviceClass(key+".readings."+name, d.Readings[name])
	}
	r.checkLengths(key, d)
}

// checkModemLines finds what a server of serial ports cannot be told.
func (r *reader) checkModemLines(key string, d *device.Device) {
	raw, rfc2217 := strings.HasPrefix(d.Port, "tcp://"), strings.HasPrefix(d.Port, "rfc2217://")
	if d.DTR != nil && raw {
		r.WarnAt(key+".dtr", "tcp:// carries bytes alone: the modem lines stay as they are", "use rfc2217://, or remove this")
	}
	if d.ResetOnOpen != nil && (raw || rfc2217) {
		r.WarnAt(key+".reset_on_open", "the server decides what its port does when it is closed", "set it there, and remove this")
	}
}

func (r *reader) checkFormat(key string, d *device.Device) {
	if d.Format == device.FormatPattern && r.Missing(key+".pattern") {
		r.ReportAt(key+".pattern", "is missing, and format is pattern", `such as pattern: 'T=(?P<temperature>\S+)'`)
	}
	if d.Pattern != nil && d.Format != device.FormatPattern && d.Format != device.FormatAuto {
		r.ReportAt(key+".pattern", fmt.Sprintf("format %s does not use a pattern", d.Format), "set format: pattern, or remove it")
	}
	if len(d.Columns) > 0 && d.Format != device.FormatCSV && d.Format != device.FormatAuto {
		r.ReportAt(key+".columns", fmt.Sprintf("format %s does not use columns", d.Format), "set format: csv, or remove them")
	}
}

// checkPorts finds two devices that would take the bytes out of each other's mouth.
func (r *reader) checkPorts() {
	owner := map[string]string{}
	for i, d := range r.config.Devices {
		if d.Port == "" {
			continue
		}
		at := r.keys[i] + ".port"
		if other, taken := owner[samePort(d.Port)]; taken {
			r.ReportAt(at, strictyaml.Quote(d.Port)+" is the port of device "+other, "a port has one board")
			continue
		}
		owner[samePort(d.Port)] = fmt.Sprintf("%s in line %d", d.ID, r.Line(at))
	}
}
