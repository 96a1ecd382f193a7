package twins

import (
	"slices"
	"testing"
)

// A device ID is taken if another machine has the device, or if nobody says that it has.
func TestTaken(t *testing.T) {
	here := Identity{ID: "pi", Host: "pi", Machine: "1", Instance: "a", Devices: []string{"mine", "both"}}
	there := Identity{ID: "attic", Host: "pi", Machine: "2", Instance: "b", Devices: []string{"theirs", "both", "without-status"}}
	got := Taken(map[string]string{
		"devices/gateway/pi/info":      string(here.Payload()),
		"devices/gateway/attic/info":   string(there.Payload()),
		"devices/gateway/odd/info":     "no JSON",
		"devices/gateway/false/info":   string(there.Payload()), // not its topic
		"devices/gateway/attic/status": "online",
		"devices/mine/status":          "offline",
		"devices/both/status":          "online",
		"devices/theirs/status":        "online",
		"devices/nobodys/status":       "offline",
		"devices/nobodys/led/status":   "a reading of another program",
		"home/uno/status":              "online",
	}, "devices", "pi", "1")
	if want := []string{"both", "nobodys", "theirs", "without-status"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
