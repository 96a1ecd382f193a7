package mqttbridge

import (
	"time"

	"arduino-gateway/device"
)

// Source holds the lines that a session publishes. Its methods are called from
// the session's goroutines, Next and Rewind never at the same time. None of them
// may block.
type Source interface {
	// Next returns the oldest line not yet returned since the last Rewind.
	Next() (line device.Line, ok bool)
	// Ack reports that every line up to seq is acknowledged and may be forgotten.
	// It is called in order.
	Ack(seq uint64)
	// Rewind announces a new connection: Next begins again at the first line that
	// is not acknowledged.
	Rewind()
	// Ready has capacity 1 and is signalled after a line was added.
	Ready() <-chan struct{}
}

// Handler receives what happens to a session. It is called from the session's
// goroutines and must not block: while it does, nothing else comes in. Embed
// [NopHandler] to implement only some of the methods.
type Handler interface {
	// Message brings a command, in the order of arrival, or what came on
	// Options.Listen or Watch. The broker gets its PUBACK when Message returns.
	Message(m device.Message)
	// Connected follows each acceptance by a broker. sessionPresent: the broker
	// kept this client's subscriptions and messages.
	Connected(at time.Time, sessionPresent bool)
	// Disconnected follows each Connected. err is nil if the session left the
	// broker in order, and else why the connection was lost.
	Disconnected(at time.Time, err error)
	// Refused brings each message that was put aside, before the session forgets it:
	// MQTT has no packet for it, or the broker closes the connection whenever it comes.
	Refused(m device.Refused)
}

// NopHandler is a Handler that ignores everything.
type NopHandler struct{}

// Message does nothing.
func (NopHandler) Message(device.Message) {}

// Connected does nothing.
func (NopHandler) Connected(time.Time, bool) {}

// Disconnected does nothing.
func (NopHandler) Disconnected(time.Time, error) {}

// Refused does nothing.
func (NopHandler) Refused(device.Refused) {}
