package mqttbridge

import (
	"crypto/tls"
	"net/url"
	"time"

	"arduino-gateway/device"
)

// DrainTime is how long a stopping session waits for the readings in hand to
// be acknowledged. One without readings waits half a second.
const DrainTime = 2 * time.Second

// DefaultMaxInflight is what Options.MaxInflight leaves open.
const DefaultMaxInflight = 100

// What Options.Payload may say.
const (
	PayloadValue = "value" // a topic a reading, its text
	PayloadJSON  = "json"  // one object a line
	PayloadBoth  = "both"
)

// What stands on the status topic.
const (
	online  = "online"
	offline = "offline"
)

// Options describe a session. They come from a checked configuration and are
// not checked again.
type Options struct {
	Brokers     []*url.URL    // mqtt, mqtts, ws, wss; tried in order
	ClientID    string        // "" is a random one; then CleanSession must be true
	Username    string        // "" sends no credentials
	Password    string        //
	TLS         *tls.Config   // nil: the system's roots for mqtts and wss
	Protocol    uint          // 3 is MQTT 3.1, 4 is 3.1.1 and the default
	KeepAlive   time.Duration // whole seconds; default 30 s
	BindAddress string        // local IP address, "" is any

	// How long to wait before connecting again: a random time below a bound that
	// doubles with every failure, from ReconnectMin to ReconnectMax; 0 is 250 ms
	// and 10 s.
	ReconnectMin, ReconnectMax time.Duration

	CleanSession bool   // false: the broker keeps commands while the session is away
	StatusTopic  string // retained online or offline, and the will; "" has none
	Topic        string // of the device; "" publishes no readings and takes no commands
	Listen       string // a topic to hear besides the commands, "" is none

	QoS     byte   // of readings: 0 or 1
	Retain  bool   // of readings
	Payload string // PayloadValue, the default, PayloadJSON or PayloadBoth

	// MaxInflight is how many publishes of readings may be unacknowledged, up to
	// 10,000; 0 is DefaultMaxInflight. It bounds what a broker has to take at
	// once when a backlog drains, what arrives twice after a loss, and over a
	// slow network the rate: so many a round trip.
	MaxInflight int

	// LateAfter sends lines that are older when they are sent as JSON to
	// Topic/late, and not to the live topics; 0 is never.
	LateAfter time.Duration
}

// Source is what a session publishes. Its methods are called from the session's
// goroutines, Next and Rewind never at the same time; none of them may block.
type Source interface {
	// Next gives the oldest line not yet given since the last Rewind.
	Next() (line device.Line, ok bool)
	// Ack tells that every line up to seq is acknowledged and may be forgotten.
	// It is called in order.
	Ack(seq uint64)
	// Rewind tells of a new connection: give again from the first
	// unacknowledged line.
	Rewind()
	// Ready has capacity 1 and is signalled after a line was added.
	Ready() <-chan struct{}
}

// Handler hears what happens. It is called from the library's goroutines and
// must not block: a handler that waits stops all that comes in.
type Handler interface {
	// Message brings a command, in the order of arrival, or what came on
	// Options.Listen.
	Message(m device.Message)
	// Connected follows each acceptance by a broker. sessionPresent: it kept
	// what it knew of this client.
	Connected(at time.Time, sessionPresent bool)
	// Disconnected follows each Connected; err is nil after a stop in order.
	Disconnected(at time.Time, err error)
}

// nothing is the Source of a session that publishes no readings.
type nothing struct{}

func (nothing) Next() (device.Line, bool) { return device.Line{}, false }
func (nothing) Ack(uint64)                {}
func (nothing) Rewind()                   {}
func (nothing) Ready() <-chan struct{}    { return nil }

// deaf is the Handler of a session that takes no commands.
type deaf struct{}

func (deaf) Message(device.Message)        {}
func (deaf) Connected(time.Time, bool)     {}
func (deaf) Disconnected(time.Time, error) {}
