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
	Readings bool   `json:"readings,omitempty"`  // they are retained, too
}

// topicsOf gives those of a configuration.
func topicsOf(c *config.Config) []Topic {
	all := []Topic{{Topic: c.MQTT.BaseTopic + "/gateway/" + c.Gateway.ID, ClientID: c.Gateway.ID}}
	for _, d := range c.Devices {
		all = append(all, Topic{c.MQTT.BaseTopic + "/" + d.ID, d.ClientID, c.MQTT.Retain})
	}
	return all
}

// Remains are what a device that is no more has left, or one that has gone on
// elsewhere: what is retained at the broker, and what nobody has had yet, lines
// and results of commands.
type Remains struct {
	Topic
	Status bool   // its status goes; else it is another's by now
	Device string // whose lines and results are delivered before, "" is none
}

// Left finds what is left of earlier configurations: of known, what the gateway
// has had at the broker, and of the devices that have lines or commands on disk.
func Left(known []Topic, devices []string, c *config.Config) (left []Remains) {
	now := map[string]Topic{}
	clients := map[string]bool{}
	for _, t := range topicsOf(c) {
		now[t.Topic], clients[t.ClientID] = t, true
	}
	for _, k := range known {
		at, stays := now[k.Topic]
		if !stays || k.Readings && !at.Readings {
			left = append(left, Remains{Topic: k, Status: !stays})
		}
	}
	for _, id := range devices {
		if _, stays := now[c.MQTT.BaseTopic+"/"+id]; !stays {
			left = withDevice(left, id, c)
		}
	}
	for i := range left {
		if clients[left[i].ClientID] { // two sessions with one ID would throw each other out
			left[i].ClientID = ""
		}
	}
	slices.SortFunc(left, func(a, b Remains) int { return cmp.Compare(a.Topic.Topic, b.Topic.Topic) })
	return left
}

// withDevice has all of it go where the device was last, or would be now.
func withDevice(left []Remains, id string, c *config.Config) []Remains {
	for i, r := range left {
		base, ok := strings.CutSuffix(r.Topic.Topic, "/"+id)
		if ok && r.Status && !strings.HasSuffix(base, "/gateway") { // which would be the gateway's own
			left[i].Device = id
			return left
		}
	}
	topic := Topic{Topic: c.MQTT.BaseTopic + "/" + id, ClientID: c.Gateway.ID + "-" + id}
	return append(left, Remains{Topic: topic, Status: true, Device: id})
}

// Known is what there is at the broker while these run and those remain.
func Known(c *config.Config, left []Remains) []Topic {
	all := topicsOf(c)
	for _, r := range left {
		if r.Status {
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
