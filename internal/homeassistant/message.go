package homeassistant

import (
	"maps"
	"strings"
)

// message announces one device:
//
//	{"dev":{"ids":["devices_uno"],"name":"uno"},"o":{"name":"arduino-gateway","sw":"v1.2.0"},
//	 "avty":[{"t":"devices/uno/status"},{"t":"devices/gateway/pi/status"}],"avty_mode":"all",
//	 "cmps":{"sensor_temperature":{"p":"sensor","name":"Temperature",…}}}
type message struct {
	Device       deviceInfo           `json:"dev"`
	Origin       origin               `json:"o"`
	Availability []topic              `json:"avty"`
	Mode         string               `json:"avty_mode"` // all: each must be online
	Components   map[string]component `json:"cmps"`
}

type deviceInfo struct {
	Identifiers []string `json:"ids"`
	Name        string   `json:"name"`
}

type origin struct {
	Name    string `json:"name"`
	Version string `json:"sw"`
}

type topic struct {
	Topic string `json:"t"`
}

// payload returns the message about a device. An entity that is gone, platforms by
// their keys, is sent with its platform only, which removes it.
func payload(a Announcement, version string, now map[string]component, gone map[string]string) []byte {
	m := message{
		Device:     deviceInfo{[]string{a.objectID()}, a.ID},
		Origin:     origin{"arduino-gateway", version},
		Mode:       "all",
		Components: maps.Clone(now),
	}
	for _, status := range a.Topics.Available {
		m.Availability = append(m.Availability, topic{status})
	}
	for key, platform := range gone {
		m.Components[key] = component{Platform: platform}
	}
	return compact(m)
}

// configTopic returns the topic of the message.
func configTopic(prefix string, a Announcement) string {
	return prefix + "/device/" + a.objectID() + "/config"
}

// keyOf escapes a name for a component's key. Home Assistant ends a key at a
// space.
func keyOf(name string) string { return strings.NewReplacer("%", "%25", " ", "%20").Replace(name) }
