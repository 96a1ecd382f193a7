package mqttbridge

import (
	"sync"
	"time"

	"arduino-gateway/internal/publisher"
)

// subscription is what the broker has answered on this connection about the
// subscription to commands.
type subscription byte

const (
	asked   subscription = iota // nothing yet
	granted                     // or the session receives no commands
	denied                      // it refuses, or answers too late
)

// statusOf returns what the status topic must say; "" changes nothing. A device that
// accepts commands is not online for their senders before the broker has granted the
// subscription. The readings of a device without commands are as good as ever.
func statusOf(online, commands bool, s subscription) string {
	switch {
	case !online || commands && s == denied:
		return publisher.Offline
	case s == asked:
		return ""
	default:
		return publisher.Online
	}
}

// presence is what a session's status follows from. Any goroutine may use it.
type presence struct {
	publish func(status string)

	mu           sync.Mutex
	online       bool // as SetOnline has it
	commands     bool // the device accepts commands
	subscription subscription
	deafSince    time.Time // when deaf changed
}

// change applies a change, and publishes the status that follows.
func (p *presence) change(apply func(*presence)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := p.deaf()
	apply(p)
	if p.deaf() != before {
		p.deafSince = time.Now()
	}
	p.publish(statusOf(p.online, p.commands, p.subscription))
}

// begin starts a connection, which may subscribe to commands.
func (p *presence) begin(subscribes bool) {
	if subscribes {
		p.set(asked)
	} else {
		p.set(granted)
	}
}

func (p *presence) set(s subscription) { p.change(func(p *presence) { p.subscription = s }) }

// deaf reports whether the device is offline only because no command reaches it. The
// caller holds the lock.
func (p *presence) deaf() bool { return p.commands && p.subscription == denied }

// read adds the state to the statistics.
func (p *presence) read(s *Stats) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s.Subscribed, s.Deaf, s.DeafSince = s.Connected && p.subscription == granted, p.deaf(), p.deafSince
}

// SetOnline sets the wanted status. It is published at once if the session is
// connected, and after each connect. A stop always publishes offline.
//
// A device that accepts commands stays offline while the broker does not grant its
// subscription; [Session.Err] says why.
func (s *Session) SetOnline(online bool) { s.presence.change(func(p *presence) { p.online = online }) }

// SetCommands sets whether the device accepts commands; before the first call it
// does.
func (s *Session) SetCommands(accepted bool) {
	s.presence.change(func(p *presence) { p.commands = accepted })
}
