package broker

import (
	"strings"

	"github.com/mochi-mqtt/server/v2/packets"
)

// maxLevels is mosquitto's limit too. The library looks for each level of a topic from
// its beginning, under the lock of all topics: 65,000 levels freeze it for 20 s.
const maxLevels = 200

// deepest returns the number of levels of the longest topic or filter of a packet.
func deepest(p packets.Packet) int {
	deepest := max(levels(p.TopicName), levels(p.Connect.WillTopic))
	for _, s := range p.Filters {
		deepest = max(deepest, levels(s.Filter))
	}
	return deepest
}

func levels(topic string) int { return strings.Count(topic, "/") + 1 }

// maxExcerpt is how many bytes of a name that a client chose are logged.
const maxExcerpt = 64

func excerpt(name string) string {
	if len(name) <= maxExcerpt {
		return name
	}
	return strings.ToValidUTF8(name[:maxExcerpt], "") + "…"
}
