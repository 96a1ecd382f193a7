package device

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
)

var notInID = regexp.MustCompile(`[^a-z0-9_-]+`)

// ValidID tells whether text can be a device's ID: a topic level that no broker,
// shell or URL takes for something else.
func ValidID(text string) bool { return text != "" && !notInID.MatchString(text) }

// IDFrom makes an ID of any text: Pi.Greenhouse is pi-greenhouse. It is "" if
// nothing remains of the text.
func IDFrom(text string) string {
	return strings.Trim(notInID.ReplaceAllString(strings.ToLower(text), "-"), "-")
}

const (
	longestName = 32  // of what is made of a board's name, in bytes: it keeps topics readable
	mostOfLevel = 120 // of the 128 bytes of a topic level, with room for a number
)

// IDOfBoard makes an ID of what a board or its chip is called: Arduino Mega 2560 is
// arduino-mega-2560.
func IDOfBoard(name string) string {
	id := IDFrom(name)
	if len(id) > longestName {
		id = strings.Trim(id[:longestName], "-_")
	}
	return cmp.Or(id, "board")
}

// FreeID makes an ID one that is not taken: ch340, and then ch340-2.
func FreeID(id string, taken func(id string) bool) string {
	if id == "gateway" || id == "auto" { // whose topics are the gateway's own; which is no device's key
		id = "board"
	}
	id = id[:min(len(id), mostOfLevel)]
	for first, n := id, 2; taken(id); n++ {
		id = fmt.Sprint(first, "-", n)
	}
	return id
}
