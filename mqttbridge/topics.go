package mqttbridge

import (
	"slices"
	"strings"
)

// maxTopics bounds the topics kept ready for a device. A board that prints a
// new name with every line gets the rest built each time.
const maxTopics = 256

var (
	reservedTopics = []string{"status", "set", "result", "late"}
	reservedKeys   = []string{"time", "seq"}
)

// topics builds a device's topics and keeps those of its readings. For one
// goroutine.
type topics struct {
	base     string            // BASE/ID
	late     string            // BASE/ID/late
	readings map[string]string // by reading name
}

func newTopics(base string) *topics {
	return &topics{base: base, late: base + "/late", readings: make(map[string]string)}
}

// reading is where the value of a reading goes.
func (t *topics) reading(name string) string {
	topic, ok := t.readings[name]
	if ok {
		return topic
	}
	topic = ReadingTopic(t.base, name)
	if len(t.readings) < maxTopics {
		t.readings[strings.Clone(name)] = topic
	}
	return topic
}

// ReadingTopic is where the values of a reading go; base is Options.Topic.
func ReadingTopic(base, name string) string {
	return base + "/" + level(unreserved(name, reservedTopics))
}

// ReadingKey is what a reading is called in a line's JSON object.
func ReadingKey(name string) string { return unreserved(name, reservedKeys) }

// CommandTopic is where a command's values are published; base is Options.Topic.
func CommandTopic(base, command string) string { return base + "/set/" + command }

// resultTopic is where the outcome of a command goes; command is a part of a
// topic already.
func resultTopic(base, command string) string { return base + "/result/" + command }

// commandFilter is the subscription that brings a device's commands, and what
// was meant to be one: whoever sent it gets a result, too.
func commandFilter(base string) string { return base + "/set/#" }

// commandOf takes the command out of a topic that commandFilter matches, which
// may also be BASE/ID/set, BASE/ID/set/ or BASE/ID/set/led/on. A wildcard is no
// topic: a broker would end the connection over its result.
func commandOf(base, topic string) (command string, ok bool) {
	rest, ok := strings.CutPrefix(topic, base+"/set")
	if !ok || rest != "" && rest[0] != '/' || strings.ContainsAny(rest, "+#\x00") {
		return "", false
	}
	return strings.TrimPrefix(rest, "/"), true
}

// unreserved puts a _ behind a reserved name, and behind one that already is
// such a name with a _: so no two names ever become one.
func unreserved(name string, reserved []string) string {
	if slices.Contains(reserved, strings.TrimRight(name, "_")) {
		return name + "_"
	}
	return name
}

// level makes a name one topic level. A broker ends the connection of a client
// that publishes to a wildcard, and after a reconnect it would come again.
func level(name string) string {
	if !strings.ContainsAny(name, "+#/\x00") {
		return name
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("+#/\x00", r) {
			return '_'
		}
		return r
	}, name)
}
