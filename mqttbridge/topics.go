package mqttbridge

import (
	"strings"

	"arduino-gateway/internal/publisher"
)

// ReadingTopic returns the topic of a reading's values; base is Options.Topic. A
// name that the session's other topics use gets a _ appended.
func ReadingTopic(base, name string) string { return publisher.ReadingTopic(base, name) }

// ReadingKey returns the name of a reading in a line's JSON object.
func ReadingKey(name string) string { return publisher.ReadingKey(name) }

// CommandTopic returns the topic on which a command's values are sent to the
// device; base is Options.Topic.
func CommandTopic(base, command string) string { return publisher.CommandTopic(base, command) }

// ResultTopic returns the topic of a command's results; base is Options.Topic.
func ResultTopic(base, command string) string { return publisher.ResultTopic(base, command) }

// commandFilter returns the subscription that brings a device's commands, and
// what was meant to be one: its sender gets a result, too.
func commandFilter(base string) string { return base + "/set/#" }

// commandOf returns the command in a topic that commandFilter matches, which may
// also be BASE/ID/set, BASE/ID/set/ or BASE/ID/set/led/on. A topic with a
// wildcard has none: a broker would close the connection over its result.
func commandOf(base, topic string) (command string, ok bool) {
	rest, ok := strings.CutPrefix(topic, base+"/set")
	if !ok || rest != "" && rest[0] != '/' || strings.ContainsAny(rest, "+#\x00") {
		return "", false
	}
	return strings.TrimPrefix(rest, "/"), true
}
