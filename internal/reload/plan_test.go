package reload

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"arduino-gateway/device"
	"arduino-gateway/internal/config"
)

// parse returns the state of a devices.yaml.
func parse(t *testing.T, text string) State {
	t.Helper()
	c, problems := config.Parse("devices.yaml", []byte(text), func(string) string { return "" })
	if err := problems.Err(); err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	return State{Config: c}
}

const base = `gateway: {id: gw}
mqtt: {broker: mqtt://pi, retain: false}
spool: {dir: /var/lib/gateway}
devices:
  uno: {port: /dev/ttyACM0, pattern: 'T=(?P<t>\S+)', format: pattern}
  due: {port: /dev/ttyACM1, commands: {led: {type: bool}}}
`

// edited is the base with one text replaced by another.
func edited(t *testing.T, old, new string) State {
	t.Helper()
	if !strings.Contains(base, old) {
		t.Fatalf("%q is not in the base", old)
	}
	return parse(t, strings.Replace(base, old, new, 1))
}

// summary is a plan on one line.
func summary(p Plan) string {
	var parts []string
	add := func(what string, ids []string) {
		if len(ids) > 0 {
			parts = append(parts, what+" "+strings.Join(ids, ","))
		}
	}
	for what, so := range map[string]bool{"spool": p.Spool, "http": p.HTTP} {
		if so {
			parts = append(parts, what)
		}
	}
	add("stop", p.Stop)
	if p.Own {
		parts = append(parts, "own")
	}
	add("move", p.Move)
	if p.MoveOwn {
		parts = append(parts, "move own")
	}
	add("tune", ids(p.Tune))
	add("reconnect", ids(p.Reconnect))
	add("start", ids(p.Start))
	return strings.Join(parts, "; ")
}

func ids(devices []device.Device) (ids []string) {
	for _, d := range devices {
		ids = append(ids, d.ID)
	}
	return ids
}

func changes(p Plan) (all []string) {
	for _, n := range p.Changes {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s %s", n.Device, n.Text, strings.Join(n.Keys, ","))))
	}
	return all
}

// Facts of a detected board are not keys of devices.yaml, but its device restarts when
// they change.
func TestDecide_RestartsADeviceForOtherFacts(t *testing.T) {
	listed := parse(t, base)
	tank, err := listed.Config.Adopt("tank", "/dev/ttyUSB0")
	if err != nil {
		t.Fatal(err)
	}
	detected := listed.WithDetected(tank, device.Detected{LastBaud: 9600, Hello: true})
	faster := listed.WithDetected(tank, device.Detected{LastBaud: 115200, Hello: true})
	inFile := State{Config: listed.Config.WithDevice(tank)}
	for name, c := range map[string]struct {
		running, wanted State
		plan            string
	}{
		"detected":          {listed, detected, "start tank"},
		"the same":          {detected, faster.WithoutDetected().WithDetected(tank, device.Detected{LastBaud: 9600, Hello: true}), ""},
		"another rate":      {detected, faster, "stop tank; start tank"},
		"now in the file":   {detected, inFile, "stop tank; start tank"},
		"not in it anymore": {inFile, detected, "stop tank; start tank"},
		"removed":           {detected, detected.WithoutDevices("tank"), "stop tank"},
		"without auto":      {detected, detected.WithoutDetected(), "stop tank"},
	} {
		if got := summary(Decide(c.running, c.wanted)); got != c.plan {
			t.Errorf("%s: %s, want %s", name, got, c.plan)
		}
	}
	if len(listed.Config.Devices) != 2 || len(detected.Config.Devices) != 3 || detected.Detected["tank"].LastBaud != 9600 {
		t.Error("a state was changed")
	}
}

// Each change touches only what depends on it.
func TestDecide_TouchesOnlyWhatChanged(t *testing.T) {
	for _, c := range []struct{ old, new, plan, changes string }{
		{"", "", "", ""},
		{"  due:", "  # a comment\n  due:", "", ""},
		{"port: /dev/ttyACM0", "port: /dev/ttyACM9", "stop uno; start uno", "uno device changed: port and session restart port"},
		{"(?P<t>", "(?P<u>", "stop uno; start uno", "uno device changed: port and session restart pattern"},
		{"format: pattern", "baud: 9600, line_ending: cr", "stop uno; start uno", "uno device changed: port and session restart baud,format,line_ending"},
		{"{type: bool}", "{type: bool, 'on': H}", "stop due; start due", "due device changed: port and session restart commands"},
		{"format: pattern", "format: pattern, baud: 9600", "tune uno", "uno device changed: port reopens, session stays baud"},
		{"format: pattern", "format: pattern, gap: 5ms, silence: 1m", "tune uno", "uno device changed: port and session stay gap,silence"},
		{"format: pattern", "format: pattern, gap: 5ms, baud: 9600, client_id: mine", "move uno; tune uno; reconnect uno", "uno device changed: port reopens, session reconnects baud,client_id,gap"},
		{"format: pattern", "format: pattern, gap: 5ms, client_id: mine", "move uno; tune uno; reconnect uno", "uno device changed: session reconnects client_id,gap"},
		{"format: pattern", "gap: 5ms", "stop uno; start uno", "uno device changed: port and session restart format,gap"},
		{"retain: false}\nspool: {dir: /var/lib/gateway}\ndevices:\n  uno: {", "retain: true}\nspool: {dir: /var/lib/gateway}\ndevices:\n  uno: {baud: 9600, ", "own; tune uno; reconnect uno,due",
			"mqtt changed: all sessions reconnect retain|uno device changed: port reopens, session reconnects baud"},
		{"format: pattern", "format: pattern, client_id: mine", "move uno; reconnect uno", "uno device changed: session reconnects client_id"},
		{"  due: ", "  tre: ", "stop due; start tre", "due device removed|tre device added"},
		{"  due: ", "  nano: {port: COM3}\n  due: ", "start nano", "nano device added"},
		// Both ports, exchanged: all is down before anything starts.
		{"ACM0, pattern: 'T=(?P<t>\\S+)', format: pattern}\n  due: {port: /dev/ttyACM1", "ACM1, pattern: 'T=(?P<t>\\S+)', format: pattern}\n  due: {port: /dev/ttyACM0",
			"stop uno,due; start uno,due", "uno device changed: port and session restart port|due device changed: port and session restart port"},
		{"mqtt://pi", "mqtts://pi", "own; reconnect uno,due", "mqtt changed: all sessions reconnect broker"},
		{"retain: false", "retain: true, base_topic: home", "own; reconnect uno,due", "mqtt changed: all sessions reconnect base_topic,retain"},
		{"retain: false", "discovery: homeassistant", "own", "Home Assistant discovery changed discovery"},
		{"id: gw", "id: other", "own; move uno,due; move own; reconnect uno,due",
			"gateway.id changed|uno device changed: session reconnects client_id|due device changed: session reconnects client_id"},
		{"mqtt://pi, retain: false", "mqtt://pi2", "own; reconnect uno,due", "mqtt changed: all sessions reconnect broker"},
		{"/var/lib/gateway", "/srv/gateway", "", "spool changed: restart the gateway to apply it dir"},
		{"/var/lib/gateway", "/srv/gateway, max_size: 1GB, sync: 5s", "spool", "spool changed: restart the gateway to apply it dir|spool changed max_size,sync"},
		{"spool: {", "http: {listen: 'off', hosts: [pi.example]}\nspool: {", "http", "http changed hosts,listen"},
		{"mqtt://pi", "embedded", "", "mqtt changed: restart the gateway to apply it broker"},
	} {
		p := Decide(parse(t, base), edited(t, c.old, c.new))
		if got := summary(p); got != c.plan {
			t.Errorf("%q: %s, want %s", c.new, got, c.plan)
		}
		if got := strings.Join(changes(p), "|"); got != c.changes {
			t.Errorf("%q:\n got %s\nwant %s", c.new, got, c.changes)
		}
	}
}

// The plan's state is what was decided: deciding again finds nothing but what still
// waits for a restart.
func TestDecide_LeadsToItsState(t *testing.T) {
	running := parse(t, base)
	for _, wanted := range []State{edited(t, "mqtt://pi", "embedded"), edited(t, "/var/lib/gateway", "/srv"), edited(t, "uno", "due2")} {
		first := Decide(running, wanted)
		second := Decide(first.State, wanted)
		for _, n := range second.Changes {
			if !n.Restart {
				t.Errorf("%+v", n)
			}
		}
		if summary(second) != "" {
			t.Errorf("%s", summary(second))
		}
		if wanted.Config == first.State.Config {
			t.Error("the file's configuration was changed")
		}
	}
}

// A file with other contents is a change, although its name is the same.
func TestDecide_ComparesTheContentsOfFiles(t *testing.T) {
	running, wanted := parse(t, base), parse(t, base)
	wanted.Files.Password = "secret"
	p := Decide(running, wanted)
	if got := summary(p); got != "own; reconnect uno,due" {
		t.Error(got)
	}
	if got := changes(p); !slices.Equal(got, []string{"mqtt changed: all sessions reconnect password"}) {
		t.Error(got)
	}
	running.Files, wanted.Files = Files{}, Files{Token: "other"}
	if p := Decide(running, wanted); summary(p) != "http" || !slices.Equal(changes(p), []string{"http changed token"}) {
		t.Errorf("%s, %v", summary(p), changes(p))
	}
	running.Files.CA, wanted.Files = []byte("old"), Files{CA: []byte("new")}
	if got := changes(Decide(running, wanted)); !slices.Equal(got, []string{"mqtt changed: all sessions reconnect ca"}) {
		t.Error(got)
	}
}

// The built-in broker takes other users while it runs, and all else after a restart.
func TestDecide_KeepsTheBuiltInBroker(t *testing.T) {
	embedded := func(listen, users string) State {
		s := edited(t, "{broker: mqtt://pi, retain: false}", "{broker: embedded, username: pi, embedded: {listen: '"+listen+"', users_file: users}}")
		s.Files.Users = map[string]string{"pi": users}
		return s
	}
	running := embedded("127.0.0.1:1883", "hash")
	running.Config.MQTT.Brokers = []*url.URL{{Scheme: "mqtt", Host: "127.0.0.1:1883"}} // as at its start

	p := Decide(running, embedded("127.0.0.1:1883", "hash"))
	if summary(p) != "" || len(p.Changes) > 0 || p.SetUsers || len(p.State.Config.MQTT.Brokers) != 1 {
		t.Errorf("nothing changed: %+v", p)
	}
	p = Decide(running, embedded("127.0.0.1:1883", "other"))
	if summary(p) != "" || !p.SetUsers || !maps.Equal(p.State.Files.Users, map[string]string{"pi": "other"}) {
		t.Errorf("other users: %+v", p)
	}
	p = Decide(running, embedded("0.0.0.0:1883", "other"))
	if got := changes(p); summary(p) != "" || p.SetUsers || !slices.Equal(got, []string{"mqtt changed: restart the gateway to apply it embedded.listen"}) {
		t.Errorf("another address: %s, %v", summary(p), got)
	}
	// Credentials for the other broker must not reach this one.
	next := edited(t, "retain: false", "username: me, qos: 0")
	next.Files.Password, next.Files.Token = "secret", "token"
	p = Decide(running, next)
	if got := p.State.Config.MQTT; summary(p) != "http" || got.Username != "pi" || got.QoS != 1 || p.State.Files.Password != "" || p.State.Files.Token != "token" {
		t.Errorf("another broker: %s, %+v", summary(p), got)
	}
}

// Changed fields are called by their keys in devices.yaml.
func TestKey_IsThatOfTheFile(t *testing.T) {
	for field, want := range map[string]string{
		"Port": "port", "LineEnding": "line_ending", "ClientID": "client_id", "TLS": "tls", "DTR": "dtr",
		"ResetOnOpen": "reset_on_open", "Brokers": "broker", "QoS": "qos", "CA": "ca", "KeepAlive": "keep_alive",
	} {
		if got := key(field); got != want {
			t.Errorf("%s: %s, want %s", field, got, want)
		}
	}
	var none *regexp.Regexp
	if !equal(none, none) || equal(none, regexp.MustCompile("a")) || equal(regexp.MustCompile("a"), none) || !equal(regexp.MustCompile("a"), regexp.MustCompile("a")) {
		t.Error("patterns are equal when their texts are")
	}
}
