package broker

import (
	"sync/atomic"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
)

// The limits of sessions.
const (
	maxSessions      = 4096    // with those that are kept for clients that are away
	maxLevelsOfAll   = 100_000 // of all subscriptions together: each level costs the library some 600 bytes
	recountEvery     = time.Second
	subscriptionSize = 1 // a subscription counts as a level more than its filter has
)

// OnSessionEstablished forgets the session that has waited longest for its client if
// there are too many.
func (h *hook) OnSessionEstablished(*mqtt.Client, packets.Packet) {
	if h.server.Clients.Len() <= maxSessions {
		return
	}
	var oldest *mqtt.Client
	for id, c := range h.server.Clients.GetAll() {
		if c.Closed() && !h.protected.id(id) && (oldest == nil || c.StopTime() < oldest.StopTime()) {
			oldest = c
		}
	}
	if oldest == nil {
		return
	}
	h.log.Warn("built-in broker: session forgotten: too many", "client", excerpt(oldest.ID), "away_since", time.Unix(oldest.StopTime(), 0), "limit", maxSessions)
	h.OnClientExpired(oldest)
	h.server.Clients.Delete(oldest.ID)
}

// OnClientExpired removes the subscriptions, which the library leaves behind.
func (h *hook) OnClientExpired(client *mqtt.Client) {
	h.server.UnsubscribeClient(client)
	client.ClearInflights()
	h.outboxes.drop(client.ID)
}

// subscribed counts the levels of all subscriptions. It counts up, and counts anew when
// there seem to be too many.
type subscribed struct {
	levels  atomic.Int64
	counted atomic.Int64 // when, in nanoseconds
}

// OnSubscribe refuses the filters beyond the limit: the library answers one that is empty
// with a failure.
func (h *hook) OnSubscribe(client *mqtt.Client, p packets.Packet) packets.Packet {
	if client.Net.Conn.(*conn).own {
		return p
	}
	for i := range p.Filters {
		filter := p.Filters[i].Filter
		if _, known := client.State.Subscriptions.Get(filter); known || h.roomFor(int64(levels(filter))+subscriptionSize) {
			continue
		}
		p.Filters[i].Filter = ""
		h.log.Warn("built-in broker: subscription refused: all subscriptions together have too many levels",
			"client", excerpt(client.ID), "filter", excerpt(filter), "limit", maxLevelsOfAll)
	}
	return p
}

func (h *hook) roomFor(levels int64) bool {
	if h.subscribed.levels.Add(levels) <= maxLevelsOfAll {
		return true
	}
	if now := time.Now().UnixNano(); now-h.subscribed.counted.Swap(now) >= int64(recountEvery) {
		h.subscribed.levels.Store(h.countLevels() + levels)
	} else {
		h.subscribed.levels.Add(-levels)
		return false
	}
	return h.subscribed.levels.Load() <= maxLevelsOfAll
}

func (h *hook) countLevels() (n int64) {
	for _, c := range h.server.Clients.GetAll() {
		for filter := range c.State.Subscriptions.GetAll() {
			n += int64(levels(filter)) + subscriptionSize
		}
	}
	return n
}
