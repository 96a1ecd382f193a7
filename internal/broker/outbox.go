package broker

import (
	"cmp"
	"slices"
	"sync"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
)

// The limits of the messages with QoS 1 and 2 that wait for clients, in bytes.
const (
	maxWaiting      = 4 << 20 // of one client, also while it is away
	maxWaitingTotal = 64 << 20
	messageOverhead = 256 // of a message in memory, beside its topic and payload
)

// outbox knows the messages that a client has not acknowledged, by their packet
// identifiers. The library knows neither their order, since it sorts them by the second
// in which they came, nor whether they were sent.
type outbox struct {
	messages map[uint16]outgoing
	next     uint64 // number of the next message
	bytes    int
}

type outgoing struct {
	number uint64 // in the order of arrival
	bytes  int
	sent   bool
}

// outboxes are those of all clients that are connected or whose session is kept.
type outboxes struct {
	mu    sync.Mutex
	by    map[string]*outbox // by client ID
	bytes int
}

// add takes a message in, and reports whether there is room for it. One that is sent
// again keeps its place.
func (o *outboxes) add(client string, p packets.Packet) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	box := o.by[client]
	if box == nil {
		box = &outbox{messages: map[uint16]outgoing{}}
		o.by[client] = box
	}
	size := messageOverhead + len(p.TopicName) + len(p.Payload)
	if _, again := box.messages[p.PacketID]; again && p.FixedHeader.Dup {
		return true
	}
	o.forget(box, p.PacketID) // the library dropped what had the identifier
	if box.bytes+size > maxWaiting || o.bytes+size > maxWaitingTotal {
		return false
	}
	box.messages[p.PacketID] = outgoing{number: box.next, bytes: size}
	box.next++
	box.bytes += size
	o.bytes += size
	return true
}

func (o *outboxes) forget(box *outbox, id uint16) {
	size := box.messages[id].bytes
	box.bytes -= size
	o.bytes -= size
	delete(box.messages, id)
}

// done forgets a message that the client has, or will not get.
func (o *outboxes) done(client string, id uint16) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if box := o.by[client]; box != nil {
		o.forget(box, id)
	}
}

// drop forgets all messages of a client.
func (o *outboxes) drop(client string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if box := o.by[client]; box != nil {
		o.bytes -= box.bytes
		delete(o.by, client)
	}
}

// markSent notes that a message went out.
func (o *outboxes) markSent(client string, id uint16) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if box := o.by[client]; box != nil {
		if m, ok := box.messages[id]; ok {
			m.sent = true
			box.messages[id] = m
		}
	}
}

func (o *outboxes) wasSent(client string, id uint16) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	box := o.by[client]
	return box != nil && box.messages[id].sent
}

// inOrder sorts messages of a client by their arrival.
func (o *outboxes) inOrder(client string, all []packets.Packet) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if box := o.by[client]; box != nil {
		slices.SortStableFunc(all, func(a, b packets.Packet) int {
			return cmp.Compare(box.messages[a.PacketID].number, box.messages[b.PacketID].number)
		})
	}
}

// setOrder gives the messages of a kept session times by which the library sorts them as
// they came.
func (h *hook) setOrder(session *mqtt.Client) {
	all := session.State.Inflight.GetAll(false)
	h.outboxes.inOrder(session.ID, all)
	for i, p := range all {
		p.Created = int64(i)
		session.State.Inflight.Set(p)
	}
}

// OnQosPublish is called when a message with QoS 1 or 2 is in flight to a client, before
// it is sent, also if the client is away. Without room it is not kept: a client that is
// there gets it once, one that is away does not.
func (h *hook) OnQosPublish(client *mqtt.Client, p packets.Packet, _ int64, _ int) {
	if p.FixedHeader.Type != packets.Publish || h.outboxes.add(client.ID, p) {
		return
	}
	client.State.Inflight.Delete(p.PacketID)
	h.log.Warn("built-in broker: message not kept: too many bytes wait for the client", "client", excerpt(client.ID), "topic", excerpt(p.TopicName),
		"limit", maxWaiting, "limit_of_all", maxWaitingTotal)
}

// OnQosComplete is called for acknowledgements of both directions. What the client
// itself sends has an identifier of its own, like that of the message that is put aside
// meanwhile.
func (h *hook) OnQosComplete(client *mqtt.Client, p packets.Packet) {
	if aside := client.Net.Conn.(*conn).aside; aside == nil || aside.PacketID != p.PacketID {
		h.outboxes.done(client.ID, p.PacketID)
	}
}

// OnQosDropped is also called for a client whose messages went on to its next
// connection.
func (h *hook) OnQosDropped(client *mqtt.Client, p packets.Packet) {
	if !client.IsTakenOver() {
		h.outboxes.done(client.ID, p.PacketID)
	}
}

// OnDisconnect forgets a session that ends with its connection.
func (h *hook) OnDisconnect(client *mqtt.Client, _ error, expires bool) {
	if expires && !client.IsTakenOver() {
		h.outboxes.drop(client.ID)
	}
}

// OnPacketEncode takes the DUP flag from a message that the library sends again, though
// it was never sent, since the client was away.
func (h *hook) OnPacketEncode(client *mqtt.Client, p packets.Packet) packets.Packet {
	if p.FixedHeader.Type == packets.Publish && p.FixedHeader.Dup {
		p.FixedHeader.Dup = h.outboxes.wasSent(client.ID, p.PacketID)
	}
	return p
}
