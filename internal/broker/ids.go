package broker

import (
	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
)

// In MQTT the packet identifiers of the two directions are independent, but the
// library keeps both in one map. While a command is in flight to a client as
// packet 1, the client's SUBSCRIBE as packet 1 fails, and its PUBLISH as packet 1
// makes the broker forget the command. So the message with the same identifier is
// put aside while such a packet is handled, in the goroutine that reads for the
// client.

// putAside is called when a packet was read, before the library handles it.
func putAside(client *mqtt.Client, p packets.Packet) {
	switch p.FixedHeader.Type {
	case packets.Publish, packets.Subscribe, packets.Unsubscribe:
	default:
		return
	}
	sent, ok := client.State.Inflight.Get(p.PacketID)
	if p.PacketID == 0 || !ok || sent.FixedHeader.Type != packets.Publish {
		return // free, or used by the client itself in a QoS 2 exchange
	}
	client.State.Inflight.Delete(p.PacketID)
	client.Net.Conn.(*conn).aside = &sent
}

// putBack is called when the packet was handled. If the client began a QoS 2
// exchange with the identifier, that stays instead.
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
