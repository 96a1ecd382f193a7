package broker

import (
	"bytes"
	"log/slog"
	"sync/atomic"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
)

// hook is called by the library for logins, packets and sessions.
type hook struct {
	mqtt.HookBase
	server     *mqtt.Server
	auth       *authenticator
	strangers  *strangers
	guests     atomic.Int64 // logged in, beside the gateway's own sessions
	protected  protected
	owners     owners
	outboxes   outboxes
	retained   retained
	subscribed subscribed
	log        *slog.Logger
}

func newHook(server *mqtt.Server, auth *authenticator, log *slog.Logger) *hook {
	return &hook{server: server, auth: auth, log: log, strangers: newStrangers(), owners: owners{by: map[string]*conn{}},
		outboxes: outboxes{by: map[string]*outbox{}}, retained: retained{size: map[string]int{}}}
}

func (h *hook) ID() string { return "gateway" }

func (h *hook) Provides(b byte) bool {
	return bytes.IndexByte([]byte{
		mqtt.OnPacketRead, mqtt.OnPacketProcessed, mqtt.OnConnectAuthenticate, mqtt.OnACLCheck,
		mqtt.OnSessionEstablish, mqtt.OnPublish, mqtt.OnWill, mqtt.OnSubscribed, mqtt.OnRetainPublished,
		mqtt.OnPacketSent, mqtt.OnClientExpired, mqtt.OnQosPublish, mqtt.OnQosComplete, mqtt.OnQosDropped, mqtt.OnDisconnect,
		mqtt.OnPacketEncode, mqtt.OnRetainedExpired, mqtt.OnSessionEstablished, mqtt.OnSubscribe,
	}, b) >= 0
}

// OnPacketRead ends the connection of a client that sends a topic of too many levels.
// It also removes the receive maximum of an MQTT 5 client. With one, the library takes
// a read lock twice to look for held-back messages, and deadlocks if a publisher comes
// between. Without it, such a client may receive more at once than it asked for.
func (h *hook) OnPacketRead(client *mqtt.Client, p packets.Packet) (packets.Packet, error) {
	if levels := deepest(p); levels > maxLevels {
		h.log.Warn("built-in broker: connection closed: topic has too many levels",
			"client", excerpt(client.ID), "remote", client.Net.Remote, "levels", levels, "limit", maxLevels)
		return p, packets.ErrRejectPacket // the library ignores any other error
	}
	putAside(client, p)
	if p.FixedHeader.Type == packets.Connect {
		p.Properties.ReceiveMaximum = 0
	}
	return p, nil
}

func (h *hook) OnPacketProcessed(client *mqtt.Client, _ packets.Packet, _ error) { putBack(client) }

// OnSessionEstablish comes between the login and the library's own takeover, in
// the client's goroutine.
func (h *hook) OnSessionEstablish(client *mqtt.Client, _ packets.Packet) {
	c := client.Net.Conn.(*conn)
	h.strangers.remove(c)
	c.loggedIn(client, func() {
		h.owners.release(client.ID, c)
		if !c.own {
			h.guests.Add(-1)
		}
	})
	evict := func(old *conn) {
		h.log.Debug("built-in broker: client ID taken over", "client", client.ID, "from", old.RemoteAddr(), "by", c.RemoteAddr())
		old.hangUp(packets.ErrSessionTakenOver)
	}
	if !h.owners.claim(client.ID, c, evict) {
		h.log.Warn("built-in broker: previous connection of the client does not end", "client", client.ID)
	}
	if kept, ok := h.server.Clients.Get(client.ID); ok && !client.Properties.Clean {
		h.setOrder(kept)
	}
}

// pace slows the retained messages after a SUBSCRIBE to the speed of the client.
// More than maxWritesPending at once would be dropped.
type pace struct {
	queued uint64 // since the SUBSCRIBE
	base   uint64 // sent before that
}

// OnSubscribed is called right before the retained messages, in the client's
// goroutine.
func (h *hook) OnSubscribed(client *mqtt.Client, _ packets.Packet, _ []byte) {
	c := client.Net.Conn.(*conn)
	c.retained = pace{base: c.sent.Load()}
}

// OnRetainPublished is called after each of them was queued, in the same goroutine.
// While they fill more than half of the pending writes it waits, unless there is no
// progress for writeTime.
func (h *hook) OnRetainPublished(client *mqtt.Client, _ packets.Packet) {
	c := client.Net.Conn.(*conn)
	c.retained.queued++
	sent, since := c.sent.Load(), time.Now()
	for c.retained.queued-min(sent-c.retained.base, c.retained.queued) > maxWritesPending/2 {
		if client.Closed() || time.Since(since) > writeTime {
			return
		}
		time.Sleep(time.Millisecond)
		if now := c.sent.Load(); now != sent {
			sent, since = now, time.Now()
		}
	}
}

func (h *hook) OnPacketSent(client *mqtt.Client, p packets.Packet, _ []byte) {
	if p.FixedHeader.Type == packets.Publish {
		client.Net.Conn.(*conn).sent.Add(1)
		if p.FixedHeader.Qos > 0 {
			h.outboxes.markSent(client.ID, p.PacketID)
		}
	}
}
