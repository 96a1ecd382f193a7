package config

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"arduino-gateway/internal/strictyaml"
)

// Longer names would not fit the 65535 bytes of a topic.
const (
	longestLevel = 128
	longestBase  = 1024
)

// badLevel returns why text cannot be a level of a topic, "" if it can. The reason
// continues "a topic level".
func badLevel(text string) string {
	if why := unusable(text); why != "" {
		return why
	}
	if strings.ContainsFunc(text, unicode.IsSpace) { // NATS refuses them
		return "must not contain a blank"
	}
	return ""
}

// unusable is badLevel for a level that may contain blanks.
func unusable(text string) string {
	switch {
	case text == "":
		return "must not be empty"
	case len(text) > longestLevel:
		return fmt.Sprintf("must not be longer than %d bytes", longestLevel)
	case strings.ContainsAny(text, "+#"):
		return "must not contain a wildcard (+ or #)"
	case strings.Contains(text, "/"):
		return "must not contain a /"
	}
	return badCharacter(text)
}

// badCharacter returns why brokers refuse a text in a topic or as a client ID, "" if
// they do not. mosquitto closes the connection for a control character and for a
// non-character such as U+FDD0. A character without width is a mistake.
func badCharacter(text string) string {
	for _, c := range text {
		switch {
		case unicode.IsControl(c):
			return "must not contain a control character"
		case isNonCharacter(c), c == utf8.RuneError, c == '\ufeff', c == '\u200b':
			return fmt.Sprintf("must not contain the character %U", c)
		}
	}
	return ""
}

// isNonCharacter reports whether c is one of the code points that never are a
// character.
func isNonCharacter(c rune) bool { return c >= 0xfdd0 && c <= 0xfdef || c&0xfffe == 0xfffe }

// level reads a level of a topic.
func (d document) level(to *string) strictyaml.Set {
	return d.Scalar("a text", func(key string, n *strictyaml.Node) {
		if why := badLevel(n.Value); why != "" {
			d.Reject(n, key, "a topic level "+why, "")
			return
		}
		*to = n.Value
	})
}

// checkName checks a key that the user chose and that becomes a level of a topic.
func (d document) checkName(key, name string) {
	if why := badLevel(name); why != "" {
		d.ReportAt(key, "a topic level "+why, "")
	}
}

// topic reads the beginning of topics. Most brokers allow a blank in it.
func (d document) topic(to *string) strictyaml.Set {
	return d.Scalar("a topic", func(key string, n *strictyaml.Node) {
		if why := badTopic(n.Value); why != "" {
			d.Reject(n, key, why, "such as devices or home/greenhouse")
			return
		}
		if strings.ContainsFunc(n.Value, unicode.IsSpace) {
			d.WarnAt(key, "contains a blank, which some brokers refuse, such as NATS", "write "+strictyaml.Quote(strings.Join(strings.Fields(n.Value), "_")))
		}
		*to = n.Value
	})
}

func badTopic(text string) string {
	switch {
	case strings.HasPrefix(text, "$"):
		return "topics that begin with $ belong to the broker"
	case len(text) > longestBase:
		return fmt.Sprintf("must not be longer than %d bytes", longestBase)
	}
	if strings.TrimSpace(text) != text {
		return "must not begin or end with a blank"
	}
	for level := range strings.SplitSeq(text, "/") {
		if why := unusable(level); why != "" {
			return "a topic level " + why
		}
	}
	return ""
}

// readingName returns the name under which a reading is published: in lower case,
// with one "_" for each run of other characters than letters and digits, and none
// at the ends. "Temp (C)" becomes temp_c.
func readingName(raw string) string { return spelled(raw, "") }

// readingKey returns a key of readings as it must be written: the name of a reading, or a
// pattern of names. "Temp *" becomes temp_*.
func readingKey(raw string) string { return spelled(raw, "*") }

// spelled returns a name in which the characters of more count as letters.
func spelled(raw, more string) string {
	parts := strings.FieldsFunc(raw, func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.IsDigit(c) && !strings.ContainsRune(more, c)
	})
	return strings.Map(unicode.ToLower, strings.Join(parts, "_"))
}
