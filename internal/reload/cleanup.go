package reload

import (
	"cmp"
	"slices"
	"strings"

	"arduino-gateway/internal/config"
)

// Topic is where a device, or the gateway itself, has retained messages at the
// broker.
type Topic struct {
	Topic    string `json:"topic"`               // BASE/ID; its status is one level below
	ClientID string `json:"client_id,omitempty"` // "" is a random one
	Readings bool   `json:"readings,omitempty"`  // more than the status is retained
	Kept     bool   `json:"kept,omitempty"`      // the broker keeps the session of ClientID
}

// topicsOf returns the topics of a configuration.
func topicsOf(c *config.Config) []Topic {
	kept := !c.MQTT.CleanSession
	all := []Topic{{c.MQTT.BaseTopic + "/gateway/" + c.Gateway.ID, c.Gateway.ID, true, kept}}
	for _, d := range c.Devices {
		all = append(all, Topic{c.MQTT.BaseTopic + "/" + d.ID, d.ClientID, c.MQTT.Retain, kept})
	}
	return all
}

// Cleanup is the work for a device that was removed, or that moved to another topic:
// publish its lines and the results of its commands, then clear its retained topics.
type Cleanup struct {
	Topic
	Status bool   // clear its status too; otherwise another device uses it now
	Device string // whose lines and results are published first; "" is none

	// Session only ends the session that the broker keeps under ClientID, a former one of
	// the device: it would collect commands, and a session with that ID would run them.
	Session bool
}

// Cleanups returns what earlier configurations have left. known are the topics at
// which the gateway has retained something, devices those with lines or commands on
// disk.
func Cleanups(known []Topic, devices []string, c *config.Config) (cleanups []Cleanup) {
	now := map[string]Topic{}
	clients := map[string]bool{}
	for _, t := range topicsOf(c) {
		now[t.Topic], clients[t.ClientID] = t, true
	}
	for _, k := range known {
		at, stays := now[k.Topic]
		switch twice := hasTopic(cleanups, k.Topic); {
		case !twice && (!stays || k.Readings && !at.Readings): // with the former client ID, which ends its session too
			cleanups = append(cleanups, Cleanup{Topic: k, Status: !stays})
		case k.Kept && !clients[k.ClientID]:
			k.Readings = false
			cleanups = append(cleanups, Cleanup{Topic: k, Session: true})
		}
	}
	for _, id := range devices {
		if _, stays := now[c.MQTT.BaseTopic+"/"+id]; !stays {
			cleanups = withDevice(cleanups, id, c)
		}
	}
	slices.SortFunc(cleanups, func(a, b Cleanup) int { return cmp.Compare(a.Topic.Topic, b.Topic.Topic) })
	for i := range cleanups {
		id := cleanups[i].ClientID
		if clients[id] { // the broker disconnects the older of two sessions with one ID
			cleanups[i].ClientID = ""
		}
		clients[id] = true
	}
	return slices.DeleteFunc(cleanups, func(c Cleanup) bool { return c.Session && c.ClientID == "" })
}

// hasTopic reports whether one of the cleanups is that of a topic.
func hasTopic(cleanups []Cleanup, topic string) bool {
	return slices.ContainsFunc(cleanups, func(c Cleanup) bool { return c.Topic.Topic == topic && !c.Session })
}

// withDevice adds the lines and results of a device: to the cleanup of the topic where
// it was last, or of the one where it would be now.
func withDevice(cleanups []Cleanup, id string, c *config.Config) []Cleanup {
	for i, r := range cleanups {
		base, ok := strings.CutSuffix(r.Topic.Topic, "/"+id)
		if ok && r.Status && !strings.HasSuffix(base, "/gateway") { // that would be the gateway's own
			cleanups[i].Device = id
			return cleanups
		}
	}
	topic := Topic{Topic: c.MQTT.BaseTopic + "/" + id, ClientID: c.Gateway.ID + "-" + id}
	return append(cleanups, Cleanup{Topic: topic, Status: true, Device: id})
}

// Known returns the topics at which something is retained while this configuration
// runs and these cleanups are not done.
func Known(c *config.Config, cleanups []Cleanup) []Topic {
	all := topicsOf(c)
	for _, r := range cleanups {
		if r.Status || r.Session {
			all = append(all, r.Topic)
			continue
		}
		for i := range all {
			if all[i].Topic == r.Topic.Topic {
				all[i].Readings = true
			}
		}
	}
	return all
}
