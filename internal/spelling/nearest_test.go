package spelling

import (
	"strings"
	"testing"
)

// Misspelt words find the known word, unknown ones find none.
func TestNearest(t *testing.T) {
	known := []string{"baud", "base_topic", "max", "min", "on", "off", "port", "qos", "silence", "username", "client_id", "broker"}
	for word, want := range map[string]string{
		"boud": "baud", "prot": "port", "Port": "port", "PORT": "port", "baudrate": "baud", "brokers": "broker", "brokr": "broker",
		"user": "username", "client-id": "client_id", "clientid": "client_id", "slience": "silence", "basetopic": "base_topic",
		"qso": "qos", "mix": "max", "id": "", "xyz": "", "": "", "foo": "", "o": "", "speed": "", "ba": "", "bas": "",
		strings.Repeat("baud", 1000): "",
	} {
		if got := Nearest(word, known); got != want {
			t.Errorf("%.20q is near %q, want %q", word, got, want)
		}
	}
}
