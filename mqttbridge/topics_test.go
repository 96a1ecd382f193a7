package mqttbridge

import (
	"testing"
)

// A command is what follows set/ in its topic.
func TestCommandOf(t *testing.T) {
	const none = "none"
	for topic, want := range map[string]string{
		"devices/uno/set/led":      "led",
		"devices/uno/set":          "",
		"devices/uno/set/":         "",
		"devices/uno/set/led/deep": "led/deep",
		"devices/uno/set/+":        none,
		"devices/uno/settle":       none,
		"devices/unos/set/led":     none,
		"other":                    none,
	} {
		got, ok := commandOf("devices/uno", topic)
		if ok != (want != none) || ok && got != want {
			t.Errorf("%s: %q %t", topic, got, ok)
		}
	}
}
