package homeassistant

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// rules are what Home Assistant requires of a message about a device. The file
// says where in its source each was found.
type rules struct {
	Abbreviations       map[string]string
	DeviceAbbreviations map[string]string `json:"device_abbreviations"`
	OriginAbbreviations map[string]string `json:"origin_abbreviations"`

	Root, Device, Origin, Availability, Entity []string // keys allowed in each
	Platforms                                  map[string]struct{ Required, Allowed []string }

	classes map[string]struct {
		Units        []string
		StateClasses []string `json:"state_classes"`
	}
}

func readRules(t testing.TB) rules {
	t.Helper()
	var r rules
	for file, to := range map[string]any{"testdata/rules.json": &r, "../deviceclass/testdata/sensor.json": &r.classes} {
		data, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(data, to)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// topicMatcher is TOPIC_MATCHER of discovery.py.
var topicMatcher = regexp.MustCompile(`^(\w+)/(?:([a-zA-Z0-9_-]+)/)?([a-zA-Z0-9_-]+)/config`)

// check validates a message about a device as Home Assistant does, and returns its
// complaints.
func (r rules) check(topic string, payload []byte) (complaints []string) {
	say := func(format string, args ...any) { complaints = append(complaints, fmt.Sprintf(format, args...)) }
	_, rest, _ := strings.Cut(topic, "/device/") // after the prefix
	match := topicMatcher.FindStringSubmatch("device/" + rest)
	if match == nil {
		say("illegal discovery topic %s", topic)
	}
	if len(payload) == 0 {
		return complaints
	}
	var root map[string]any
	if err := json.Unmarshal(payload, &root); err != nil {
		return append(complaints, err.Error())
	}
	allow := func(where string, m map[string]any, keys ...string) {
		for key := range m {
			if !slices.Contains(keys, key) {
				say("%s: key %s is not allowed", where, key)
			}
		}
	}
	root = expand(root, r.Abbreviations)
	allow("root", root, r.Root...)

	device, _ := root["device"].(map[string]any)
	device = expand(device, r.DeviceAbbreviations)
	allow("device", device, r.Device...)
	if ids, _ := device["identifiers"].([]any); len(ids) == 0 {
		say("device must have at least one identifying value")
	}
	origin, _ := root["origin"].(map[string]any)
	origin = expand(origin, r.OriginAbbreviations)
	allow("origin", origin, r.Origin...)
	if name, _ := origin["name"].(string); name == "" {
		say("origin must have a name")
	}
	availability, _ := root["availability"].([]any)
	for _, one := range availability {
		entry, _ := one.(map[string]any)
		entry = expand(entry, r.Abbreviations)
		allow("availability", entry, r.Availability...)
		r.topic(say, "availability", entry["topic"])
	}
	if mode := root["availability_mode"]; len(availability) == 0 || mode != "all" && mode != "any" && mode != "latest" {
		say("availability %v, mode %v", availability, mode)
	}
	components, ok := root["components"].(map[string]any)
	if !ok {
		say("no components")
	}
	unique := map[any]bool{}
	for key, one := range components {
		c, _ := one.(map[string]any)
		c = expand(c, r.Abbreviations)
		if strings.Contains(key, " ") {
			say("%q: a cleanup would end the key at the space", key)
		}
		if unique[c["unique_id"]] && c["unique_id"] != nil {
			say("%s: unique_id %v twice", key, c["unique_id"])
		}
		unique[c["unique_id"]] = true
		r.component(func(format string, args ...any) { say(key+": "+format, args...) }, c, allow)
	}
	slices.Sort(complaints)
	return complaints
}

func expand(m map[string]any, abbreviations map[string]string) map[string]any {
	whole := maps.Clone(m)
	for short, long := range abbreviations {
		if v, ok := m[short]; ok && short != long {
			delete(whole, short)
			whole[long] = v
		}
	}
	return whole
}

func (r rules) topic(say func(string, ...any), what string, v any) {
	if topic, ok := v.(string); !ok || topic == "" || strings.ContainsAny(topic, "+#\x00") {
		say("%s: %v is not a topic", what, v)
	}
}

func (r rules) component(say func(string, ...any), c map[string]any, allow func(string, map[string]any, ...string)) {
	platform, _ := c["platform"].(string)
	rule, ok := r.Platforms[platform]
	if !ok {
		say("platform %q is not supported", platform)
	}
	if len(c) == 1 {
		return // it removes the entity
	}
	allow(platform, c, slices.Concat(r.Entity, rule.Allowed, rule.Required)...)
	for _, key := range append(rule.Required, "unique_id", "name") {
		if v, ok := c[key]; !ok || v == "" {
			say("required key %s not provided", key)
		}
	}
	for _, key := range []string{"state_topic", "command_topic"} {
		if v, ok := c[key]; ok {
			r.topic(say, key, v)
		}
	}
	low, high := bound(c["min"], 0), bound(c["max"], 100)
	switch platform {
	case "sensor":
		r.sensor(say, c)
	case "number":
		if low >= high {
			say("max %v must be > min %v", high, low)
		}
	case "text":
		if high := bound(c["max"], 255); bound(c["min"], 0) > high || high > 255 {
			say("max text length %v", high)
		}
	case "select":
		if options, _ := c["options"].([]any); len(options) == 0 {
			say("no options")
		}
	}
}

func bound(v any, otherwise float64) float64 {
	if number, ok := v.(float64); ok {
		return number
	}
	return otherwise
}

func (r rules) sensor(say func(string, ...any), c map[string]any) {
	if v, ok := c["expire_after"]; ok && (bound(v, 0) < 1 || bound(v, 0) != float64(int64(bound(v, 0)))) {
		say("expire_after %v", v)
	}
	state, _ := c["state_class"].(string)
	unit, _ := c["unit_of_measurement"].(string)
	unit = strings.ReplaceAll(unit, "µ", "μ")
	name, ok := c["device_class"].(string)
	if !ok {
		if state != "" && !slices.Contains([]string{"measurement", "total", "total_increasing"}, state) {
			say("state_class %q", state)
		}
		return
	}
	class, known := r.classes[name]
	if !known {
		say("device_class %q", name)
	}
	if class.Units != nil && !slices.Contains(class.Units, unit) {
		say("unit %q is not valid for device class %s", unit, name)
	}
	if state != "" && !slices.Contains(class.StateClasses, state) {
		say("state class %s is not valid for device class %s", state, name)
	}
	if len(class.StateClasses) == 0 && unit != "" {
		say("a unit, and device class %s is not a number", name)
	}
}

// The check finds what Home Assistant would complain about.
func TestRules_FindFaults(t *testing.T) {
	r := readRules(t)
	good := `{"dev":{"ids":["d"],"name":"uno"},"o":{"name":"g"},"avty":[{"t":"s"}],"avty_mode":"all","cmps":{` +
		`"a":{"p":"sensor","name":"T","uniq_id":"u1","stat_t":"x","dev_cla":"temperature","unit_of_meas":"°C","stat_cla":"measurement"},` +
		`"b":{"p":"number","name":"N","uniq_id":"u2","cmd_t":"y","min":0,"max":9},"gone":{"p":"switch"}}}`
	const topic = "homeassistant/device/devices_uno/config"
	if got := r.check(topic, []byte(good)); len(got) > 0 {
		t.Fatal(got)
	}
	for _, c := range []struct{ old, new, want string }{
		{`"ids":["d"],`, ``, "device must have at least one identifying value"},
		{`"o":{"name":"g"},`, ``, "origin must have a name"},
		{`"cmps"`, `"components_"`, "no components"},
		{`"uniq_id":"u2",`, ``, "b: required key unique_id not provided"},
		{`"u2"`, `"u1"`, "unique_id u1 twice"},
		{`"cmd_t":"y",`, ``, "b: required key command_topic not provided"},
		{`"min":0`, `"min":9`, "b: max 9 must be > min 9"},
		{`"min":0`, `"minimum":0`, "number: key minimum is not allowed"},
		{`°C`, `V`, `a: unit "V" is not valid for device class temperature`},
		{`measurement`, `total`, "a: state class total is not valid for device class temperature"},
		{`"p":"sensor"`, `"p":"sensors"`, `a: platform "sensors" is not supported`},
		{`"stat_t":"x"`, `"stat_t":"x/#"`, "a: state_topic: x/# is not a topic"},
	} {
		bad := strings.Replace(good, c.old, c.new, 1)
		if got := strings.Join(r.check(topic, []byte(bad)), "\n"); bad == good || !strings.Contains(got, c.want) {
			t.Errorf("%s: %s, want %s", c.new, got, c.want)
		}
	}
	if got := r.check("homeassistant/device/häuser/config", nil); len(got) != 1 {
		t.Error(got)
	}
}

// Home Assistant knows every abbreviation that a message can use.
func TestMessage_KeysAreAbbreviations(t *testing.T) {
	r := readRules(t)
	one, low, high := []topic{{"t"}}, int64(1), int64(2)
	all := compact(message{Availability: one, Components: map[string]component{"": {
		Platform: "a", Name: "a", UniqueID: "a", StateTopic: "a", ValueTemplate: "a", CommandTopic: "a", DeviceClass: "a",
		StateClass: "a", Unit: "a", ExpireAfter: 1, PayloadOn: "a", PayloadOff: "a", Min: &low, Max: &high, Options: []string{"a"}}}})
	for _, key := range regexp.MustCompile(`"([a-z_]+)":`).FindAllSubmatch(all, -1) {
		if name := string(key[1]); r.Abbreviations[name] == "" && r.DeviceAbbreviations[name] == "" && r.OriginAbbreviations[name] == "" {
			t.Errorf("%s is not an abbreviation", name)
		}
	}
	if n := bytes.Count(all, []byte(`":`)); n < 22 {
		t.Errorf("only %d keys: %s", n, all)
	}
}
