package config

import (
	"slices"
	"strings"
	"testing"
)

// warnings returns the keys with a warning. The file must be valid.
func warnings(t *testing.T, text string) (keys []string) {
	t.Helper()
	c, problems := Parse("devices.yaml", []byte(text), env)
	if problems.Err() != nil || c == nil {
		t.Fatalf("%s\n%v", text, problems)
	}
	for _, p := range problems {
		keys = append(keys, p.Key)
	}
	return keys
}

// The warnings of the contract's example give the reason.
func TestParse_WarningsSayWhy(t *testing.T) {
	_, problems := Parse("devices.yaml", []byte(contract(t)), env)
	for _, p := range problems {
		want := map[string]string{
			"mqtt.tls":      "has no effect: no broker uses TLS",
			"mqtt.embedded": "has no effect: the built-in broker is not used",
			"devices.greenhouse.readings.temperature.device_class": "has no effect: mqtt.discovery is off",
		}[p.Key]
		if !p.Warning || p.What != want {
			t.Errorf("%v", p)
		}
	}
}

// The contract's example has every key, also keys without effect there: none is
// accepted and ignored.
func TestParse_ContractHasWarnings(t *testing.T) {
	want := []string{
		"mqtt.tls",
		"mqtt.embedded",
		"devices.greenhouse.readings.temperature.device_class",
	}
	if got := warnings(t, contract(t)); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// A password in the environment is not sent without a user's name, and the warning says so.
func TestParse_WarnsOfPasswordWithoutUser(t *testing.T) {
	secret := func(key string) string { return map[string]string{"GATEWAY_MQTT_PASSWORD": "secret"}[key] }
	const want = "devices.yaml:1:1: mqtt.username: warning: is missing, and so the password in GATEWAY_MQTT_PASSWORD is not sent (hint: add the user's name, or unset the variable)"
	for mqtt, warned := range map[string]bool{"broker: mqtt://pi": true, "broker: mqtt://pi, username: pi": false} {
		c, problems := Parse("devices.yaml", []byte("mqtt: {"+mqtt+"}\ndevices:\n  uno: {port: COM3}\n"), secret)
		if got := problems.Error(); c == nil || warned != (got == want) {
			t.Errorf("%s: %q", mqtt, got)
		}
	}
}

// Each file has warnings for exactly these keys.
func TestParse_Warnings(t *testing.T) {
	const device = "\ndevices:\n  uno: {port: /dev/ttyACM0}\n"
	for _, c := range []struct{ text, keys string }{
		{"mqtt: {broker: embedded}" + device, ""},
		{"mqtt: {broker: embedded, late_after: off}" + device, ""},
		{"mqtt: {broker: embedded, late_after: 1m}" + device, ""},
		{"mqtt: {broker: embedded, discovery: off}" + device, ""},
		{"mqtt: {broker: embedded, base_topic: my home/ground floor}" + device, "mqtt.base_topic"},
		{"mqtt: {broker: embedded, discovery: 'off', discovery_prefix: ha}" + device, "mqtt.discovery_prefix"},
		{"mqtt: {broker: embedded, discovery: homeassistant, discovery_prefix: home/ha}" + device, ""},
		{"mqtt: {broker: embedded, discovery: homeassistant}\ndevices:\n  uno: {port: COM3, readings: {t: {device_class: temperature}}}", ""},
		{"mqtt: {broker: embedded, discovery: homeassistant}\ndevices:\n  uno: {port: COM3, readings: {t: {device_class: temperature, unit: degC}}}", ""},
		{"mqtt: {broker: embedded}\ndevices:\n  uno: {port: COM3, readings: {t: {device_class: ph}}}", "devices.uno.readings.t.device_class"},
		{"mqtt: {broker: embedded, tls: {ca: ca.pem}}" + device, "mqtt.tls"},
		{"mqtt: {broker: mqtt://pi, tls: {ca: ca.pem}}" + device, "mqtt.tls"},
		{"mqtt: {broker: [mqtt://pi, wss://pi], tls: {ca: ca.pem}}" + device, ""},
		{"mqtt: {broker: mqtt://pi, tls: {}}" + device, ""},
		{"mqtt: {broker: mqtt://pi, embedded: {listen: ':1883'}}" + device, "mqtt.embedded"},
		{"mqtt: {broker: embedded, embedded: {listen: 'localhost:1883'}}" + device, ""},
		{"mqtt: {broker: embedded}\nspool: {dir: /tmp}" + device, ""},
		{"mqtt: {broker: mqtt://pi, username: \"${MQTT_USER}\"}" + device, "mqtt.username"},
		{"mqtt: {broker: mqtt://pi, username: $MQTT_USER}" + device, "mqtt.username"},
		{"mqtt: {broker: mqtt://pi, username: 'a$b ${} ${1} US$'}" + device, ""},
		{"mqtt: {broker: mqtt://pi, username: '“pi”'}" + device, ""},
		{"mqtt: {broker: embedded}\ndevices:\n  uno: {port: COM3, commands: {led: {type: text, write: \"${GATEWAY}={value}\"}}}", "devices.uno.commands.led.write"},
		{"mqtt: {broker: 'mqtt://[::1]'}" + device, ""},
		{"mqtt: {broker: 'mqtt://[fe80::1%25eth0]:1883'}" + device, ""},
		{"mqtt: {broker: embedded}\nspool: {max_size: 4MB, sync: 10ms}" + device, ""},
		{"mqtt: {broker: embedded}\nhttp: {listen: off}" + device, ""},
		{"mqtt: {broker: embedded}\nhttp: {listen: 'off'}" + device, ""},
		{"mqtt: {broker: embedded}\nhttp: {listen: ':80', token_file: token, hosts: [pi.example.org]}" + device, ""},
		{"mqtt: {broker: embedded}\ndevices:\n  uno: {port: COM3, silence: off}", ""},
		{"mqtt: {broker: embedded}\ndevices:\n  uno: {port: COM3, silence: 1s}", ""},
		{"mqtt: {broker: embedded}\ndevices:\n  uno: {port: COM3, readings: {t: {}}}", ""},
		{"mqtt: {broker: embedded}\ndevices:\n  uno: {port: COM3, readings: {t: {unit: V, min: 0, rename: u}}}", ""},
		{"mqtt: {broker: embedded}\ndevices:\n  uno: {port: COM3, commands: {silence: {type: int, min: 1}}}", ""},
		{"mqtt: {broker: embedded}\ndevices:\n  uno: {port: 'usb:2341:0043', reset_on_open: false}", ""},
		{"mqtt: {broker: embedded}\ndevices:\n  uno: {port: 'usb:2341:0043:34:85:aB', dtr: false}", ""},
		{"mqtt: {broker: embedded}\ndevices:\n  uno: {port: 'usb-path:1-1.2'}", ""},
		{"mqtt: {broker: embedded}\ndevices:\n  uno: {port: 'usb-path:1-1.2:1.1', boot_time: 0s}", ""},
		{"mqtt: {broker: embedded}\ndevices:\n  uno: {port: 'tcp://esp:23', dtr: true, reset_on_open: true, boot_time: 1m}", "devices.uno.dtr devices.uno.reset_on_open"},
		{"mqtt: {broker: embedded}\ndevices:\n  uno: {port: 'rfc2217://esp:23', dtr: true, reset_on_open: true}", "devices.uno.reset_on_open"},
		{"mqtt: {broker: embedded}\ndevices:\n  uno: {port: 'tcp://[::1]:23'}", ""},
		{"mqtt: {broker: embedded}\ndevices:\n  uno: {port: 'rfc2217://esp:23/'}", ""},
	} {
		if got := strings.Join(warnings(t, c.text), " "); got != c.keys {
			t.Errorf("%s\n got %q\nwant %q", c.text, got, c.keys)
		}
	}
}

// The devices.yaml in the repository has no problems.
func TestLoad_ShippedExample(t *testing.T) {
	c, problems := Load("../../devices.yaml", env)
	if len(problems) > 0 || c == nil {
		t.Fatal(problems)
	}
	var ids []string
	for _, d := range c.Devices {
		ids = append(ids, d.ID)
	}
	if got := strings.Join(ids, " "); got != "greenhouse weather cellar" {
		t.Errorf("devices %s", got)
	}
}
