package publisher

import (
	"slices"
	"strings"
)

// maxTopics bounds the cached topics of a device. If a board prints a new name
// with every line, the rest is built each time.
const maxTopics = 256

var (
	reservedTopics = []string{"status", "set", "result", "late"}
	reservedKeys   = []string{"time", "seq"}
)

// topics builds a device's topics and caches those of its readings. For one
// goroutine.
type topics struct {
	base     string            // BASE/ID
	late     string            // BASE/ID/late
	readings map[string]string // by reading name
}

func newTopics(base string) *topics {
	return &topics{base: base, late: base + "/late", readings: make(map[string]string)}
}

// reading returns the topic of a reading's values.
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

// ReadingTopic returns the topic of a reading's values, below the device's topic.
func ReadingTopic(base, name string) string {
	return base + "/" + level(unreserved(name, reservedTopics))
}

// ReadingKey returns the name of a reading in a line's JSON object.
func ReadingKey(name string) string { return unreserved(name, reservedKeys) }

// CommandTopic returns the topic on which a command's values are sent to the
// device whose topic is base.
func CommandTopic(base, command string) string { return base + "/set/" + command }

// ResultTopic returns the topic of a command's results. command is part of a
// topic already.
func ResultTopic(base, command string) string { return base + "/result/" + command }

// unreserved appends a _ to a reserved name, and to one that already is such a
// name with a _, so that no two names become one.
func unreserved(name string, reserved []string) string {
	if slices.Contains(reserved, strings.TrimRight(name, "_")) {
		return name + "_"
	}
	return name
}

// level makes a name one topic level. A broker closes the connection of a client
// that publishes to a wildcard, and after a reconnect the same would happen again.
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
