package broker

import (
	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
)

// In MQTT the packet identifiers of the two directions have nothing to do with
// each other, but the library looks both up in one map: while a command is on
// its way to a client as packet 1, the client's SUBSCRIBE as packet 1 fails, and
// its PUBLISH as packet 1 makes the broker forget the command. So what was sent
// under the same identifier is put aside while such a packet is handled, all
// within the goroutine that reads for the client.

// putAside comes when a packet was read, before the library looks at it.
func putAside(client *mqtt.Client, p packets.Packet) {
	switch p.FixedHeader.Type {
	case packets.Publish, packets.Subscribe, packets.Unsubscribe:
	default:
		return
	}
	sent, ok := client.State.Inflight.Get(p.PacketID)
	if p.PacketID == 0 || !ok || sent.FixedHeader.Type != packets.Publish {
		return // free, or the client's own, halfway through QoS 2
	}
	client.State.Inflight.Delete(p.PacketID)
	client.Net.Conn.(*conn).aside = &sent
}

// putBack comes when the packet was handled. A client that began a QoS 2
// exchange under the identifier keeps that instead.
func putBack(client *mqtt.Client) {
	c := client.Net.Conn.(*conn)
	if c.aside == nil {
		return
	}
	if _, taken := client.State.Inflight.Get(c.aside.PacketID); !taken {
		client.State.Inflight.Set(*c.aside)
	}
	c.aside = nil
}
