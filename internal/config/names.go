package config

import (
	"fmt"
	"strings"
	"unicode"

	"arduino-gateway/internal/strictyaml"
)

// What is longer would not fit the 65535 bytes of a topic, or of a text in MQTT.
const (
	longestLevel = 128
	longestBase  = 1024
	longestMQTT  = 65535
)

// badLevel says why text cannot be a level of a topic; "" is fine. It goes on
// from "a topic level".
func badLevel(text string) string {
	switch {
	case text == "":
		return "must not be empty"
	case len(text) > longestLevel:
		return fmt.Sprintf("has %d bytes; %d are allowed", len(text), longestLevel)
	case strings.ContainsAny(text, "+#"):
		return "must not have a wildcard (+ or #)"
	case strings.Contains(text, "/"):
		return "must not have a /"
	case strings.ContainsFunc(text, unicode.IsControl):
		return "must not have a control character"
	}
	return ""
}

// level takes a level of a topic.
func (r *reader) level(to *string) strictyaml.Set {
	return r.Scalar("a text", func(key string, n *strictyaml.Node) {
		if why := badLevel(n.Value); why != "" {
			r.Reject(n, key, "a topic level "+why, "")
			return
		}
		*to = n.Value
	})
}

// checkName looks at a key of the user's choice that becomes a level of a topic.
func (r *reader) checkName(key, name string) {
	if why := badLevel(name); why != "" {
		r.ReportAt(key, "a topic level "+why, "")
	}
}

// levels takes the topic that everything is under.
func (r *reader) levels(to *string) strictyaml.Set {
	return r.Scalar("a topic", func(key string, n *strictyaml.Node) {
		if why := badTopic(n.Value); why != "" {
			r.Reject(n, key, why, "such as devices or home/greenhouse")
			return
		}
		*to = n.Value
	})
}

func badTopic(text string) string {
	switch {
	case strings.HasPrefix(text, "$"):
		return "a topic that begins with $ is the broker's own"
	case len(text) > longestBase:
		return fmt.Sprintf("a topic of %d bytes; %d are allowed", len(text), longestBase)
	}
	for level := range strings.SplitSeq(text, "/") {
		if why := badLevel(level); why != "" {
			return "a topic level " + why
		}
	}
	return ""
}

// identity takes a client ID, a user's name or a unit.
func (r *reader) identity(to *string) strictyaml.Set {
	return r.Scalar("a text", func(key string, n *strictyaml.Node) {
		switch {
		case len(n.Value) > longestMQTT:
			r.Reject(n, key, fmt.Sprintf("a text of %d bytes; MQTT allows %d", len(n.Value), longestMQTT), "")
		case strings.ContainsFunc(n.Value, unicode.IsControl):
			r.Reject(n, key, "a control character", "remove it")
		default:
			*to = n.Value
		}
	})
}

// readingName is what the name of a reading becomes on its way: lower case,
// each run of anything but letters and digits one "_", none at the ends.
// "Temp (C)" is temp_c.
func readingName(raw string) string {
	parts := strings.FieldsFunc(raw, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
	return strings.Map(unicode.ToLower, strings.Join(parts, "_"))
}
