package config

import (
	"cmp"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"arduino-gateway/device"
)

var deviceID = regexp.MustCompile(`^[a-z0-9_-]+$`)

// Any file either has a problem with a place, or satisfies every rule that the rest
// of the gateway relies on.
func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.yml")
	for _, file := range append(files, "../../devices.yaml") {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, problems := Parse("devices.yaml", []byte(text), env)
		for _, p := range problems {
			if p.Line < 1 || p.Column < 1 || p.What == "" || strings.ContainsFunc(p.String(), func(r rune) bool { return r < ' ' }) {
				t.Errorf("%#v", p)
			}
		}
		if (c == nil) != (problems.Err() != nil) {
			t.Fatalf("%v with %v", c, problems)
		}
		if c == nil {
			return
		}
		checkConfig(t, c)
		if len(Explain(c)) <= len(c.Devices) {
			t.Error("a device is not explained")
		}
	})
}

func checkConfig(t *testing.T, c *Config) {
	m := c.MQTT
	if m.Embedded == (len(m.Brokers) > 0) || len(c.Devices) == 0 || m.QoS > 1 || m.KeepAlive <= 0 || c.Spool.Dir == "" || m.Protocol < 3 || m.Protocol > 4 {
		t.Errorf("%+v", c)
	}
	for _, u := range m.Brokers {
		if brokerPorts[u.Scheme] == "" || u.Hostname() == "" || !isPort(u.Port()) || u.User != nil {
			t.Errorf("broker %v", u)
		}
	}
	checkTopic(t, m.BaseTopic+"/gateway/"+c.Gateway.ID+"/status")
	ids, ports, clients := map[string]bool{"gateway": true}, map[string]bool{}, map[string]bool{c.Gateway.ID: true}
	for _, d := range c.Devices {
		if !deviceID.MatchString(d.ID) || ids[d.ID] || d.Port == "" || ports[samePort(d.Port)] || d.ClientID != "" && clients[d.ClientID] {
			t.Errorf("%+v", d)
		}
		ids[d.ID], ports[samePort(d.Port)], clients[d.ClientID] = true, true, true
		if d.ClientID == "" && (!m.CleanSession || m.Protocol == 3) || m.Protocol == 3 && len(d.ClientID) > 23 {
			t.Errorf("client ID %q", d.ClientID)
		}
		if d.Baud != device.BaudAuto && d.Baud < 50 || d.Format == "" || d.LineEnding == "" || (d.Format == device.FormatPattern) && d.Pattern == nil {
			t.Errorf("%+v", d)
		}
		checkReadings(t, d.Readings)
		for name, command := range d.Commands {
			checkTopic(t, m.BaseTopic+"/"+d.ID+"/set/"+name)
			checkCommandWrites(t, name, command)
		}
	}
}

// checkReadings checks that each reading has a name of its own, and sensible rules.
func checkReadings(t *testing.T, readings map[string]device.ReadingSpec) {
	published := map[string]bool{}
	for name, s := range readings {
		if s.Ignore {
			continue
		}
		as := cmp.Or(s.Rename, name)
		if name != readingName(name) || as == "" || as != readingName(as) || published[as] {
			t.Errorf("%q is published as %q", name, as)
		}
		published[as] = true
		if s.MinInterval < 0 || s.MaxInterval > 0 && (s.Deadband == nil || s.MaxInterval < s.MinInterval) || s.Deadband != nil && *s.Deadband < 0 {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

func checkTopic(t *testing.T, topic string) {
	if strings.ContainsAny(topic, "+#") || strings.ContainsFunc(topic, unicode.IsControl) || len(topic) > 65535 {
		t.Errorf("topic %.100q", topic)
	}
	for level := range strings.SplitSeq(topic, "/") {
		if level == "" {
			t.Errorf("topic %.100q", topic)
		}
	}
}

// checkCommandWrites checks that each value writes one line of its own.
func checkCommandWrites(t *testing.T, name string, c device.Command) {
	if c.Name != name {
		t.Errorf("%s is %s", name, c.Name)
	}
	values := map[device.CommandType][]string{
		device.Bool: {"on", "off"}, device.Int: {"0", "1", "-1"}, device.Enum: c.Values, device.Text: {"a", "b"},
	}[c.Type]
	if len(values) == 0 {
		t.Errorf("%s: no value is valid", name)
	}
	written := map[string]bool{}
	for _, value := range values {
		line, _, err := c.Encode(value)
		if err != nil && c.Type != device.Int {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && (line == "" && value != "" || written[line] || strings.ContainsFunc(line, unicode.IsControl)) {
			t.Errorf("%s: %q writes %q", name, value, line)
		}
		written[line] = true
	}
}
