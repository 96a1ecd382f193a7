package twins

import (
	"maps"
	"slices"
	"strings"
)

// Taken returns the IDs of devices that other machines have, by what a broker retains on
// BASE/+/status and BASE/gateway/+/info. A status without an owner belongs to another
// machine, too: every gateway says which devices it has.
func Taken(retained map[string]string, base, host, machine string) []string {
	owners := map[string]bool{} // of each device: whether another machine has it
	for topic, payload := range retained {
		id, ok := strings.CutPrefix(topic, base+"/gateway/")
		if id, isInfo := strings.CutSuffix(id, "/info"); ok && isInfo {
			if i, err := Parse([]byte(payload)); err == nil && i.ID == id {
				other := i.Host != host || i.Machine != machine
				for _, device := range i.Devices {
					owners[device] = owners[device] || other
				}
			}
		}
	}
	for topic := range retained {
		rest, ok := strings.CutPrefix(topic, base+"/")
		if id, isStatus := strings.CutSuffix(rest, "/status"); ok && isStatus && !strings.Contains(id, "/") {
			if _, known := owners[id]; !known {
				owners[id] = true
			}
		}
	}
	maps.DeleteFunc(owners, func(_ string, other bool) bool { return !other })
	return slices.Sorted(maps.Keys(owners))
}
