// Package deviceid checks and makes the IDs of devices. An ID is a topic level in lower
// case, without characters that are special to a broker, a shell or a URL.
//
// It knows text. It does not know which devices exist.
package deviceid

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
)

var forbidden = regexp.MustCompile(`[^a-z0-9_-]+`)

// Valid reports whether text can be the ID of a device: one or more of a to z, 0 to 9, _
// and -.
func Valid(text string) bool { return text != "" && !forbidden.MatchString(text) }

// From returns an ID made of any text: Pi.Greenhouse is pi-greenhouse. It returns "" if
// nothing of the text can be in an ID.
func From(text string) string {
	return strings.Trim(forbidden.ReplaceAllString(strings.ToLower(text), "-"), "-")
}

const (
	maxBoardName = 32  // bytes of a board's name in an ID; longer topics are hard to read
	maxLength    = 120 // bytes; a topic level has 128, and Free may add a number
)

// ForBoard returns an ID made of the name of a board or of its chip: Arduino Mega 2560 is
// arduino-mega-2560.
func ForBoard(name string) string {
	id := From(name)
	if len(id) > maxBoardName {
		id = strings.Trim(id[:maxBoardName], "-_")
	}
	return cmp.Or(id, "board")
}

// Free returns id, or id with a number behind it if it is taken: ch340, then ch340-2.
func Free(id string, taken func(id string) bool) string {
	if id == "gateway" || id == "auto" { // the gateway's own topics; a key of devices.yaml
		id = "board"
	}
	id = id[:min(len(id), maxLength)]
	for first, n := id, 2; taken(id); n++ {
		id = fmt.Sprint(first, "-", n)
	}
	return id
}
