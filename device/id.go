package device

import (
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
