package broker

import (
	"sync"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
)

// The limits of retained messages.
const (
	maxRetained      = 8000     // topics; below maxInflight: PUBACKs count only after the last of them
	maxRetainedBytes = 32 << 20 // of topics and payloads
)

// retained counts the retained messages.
type retained struct {
	mu    sync.Mutex
	size  map[string]int // in bytes, by topic
	bytes int
}

// add reports whether a message fits, in the place of the one before it.
func (r *retained) add(topic string, bytes int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	before, known := r.size[topic]
	if !known && len(r.size) >= maxRetained || r.bytes-before+bytes > maxRetainedBytes {
		return false
	}
	r.size[topic] = bytes
	r.bytes += bytes - before
	return true
}

func (r *retained) remove(topic string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bytes -= r.size[topic]
	delete(r.size, topic)
}

// OnPublish delivers, but does not retain, a message beyond the limits.
func (h *hook) OnPublish(_ *mqtt.Client, p packets.Packet) (packets.Packet, error) {
	p.FixedHeader.Retain = h.mayRetain(p.FixedHeader.Retain, p.TopicName, p.Payload)
	return p, nil
}

func (h *hook) OnWill(_ *mqtt.Client, will mqtt.Will) (mqtt.Will, error) {
	will.Retain = h.mayRetain(will.Retain, will.TopicName, will.Payload)
	return will, nil
}

// mayRetain reports whether a message is retained. If it does not fit, the one before it
// goes: what it says is no longer so.
func (h *hook) mayRetain(wanted bool, topic string, payload []byte) bool {
	switch {
	case !wanted:
		return false
	case len(payload) == 0:
		h.retained.remove(topic)
		return true
	case h.retained.add(topic, messageOverhead+len(topic)+len(payload)):
		return true
	}
	h.retained.remove(topic)
	h.server.Topics.RetainMessage(packets.Packet{TopicName: topic})
	h.log.Warn("built-in broker: message not retained: too many retained topics or bytes", "topic", excerpt(topic),
		"limit", maxRetained, "limit_of_bytes", maxRetainedBytes)
	return false
}

func (h *hook) OnRetainedExpired(topic string) { h.retained.remove(topic) }
