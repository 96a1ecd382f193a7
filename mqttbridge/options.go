package mqttbridge

import (
	"cmp"
	"crypto/tls"
	"net/url"
	"time"

	"arduino-gateway/internal/mqttconn"
	"arduino-gateway/internal/publisher"
)

// DefaultMaxInflight is the default of Options.MaxInflight.
const DefaultMaxInflight = 100

// Protocol is a version of MQTT, as it stands in CONNECT.
type Protocol byte

// The versions that a session can speak.
const (
	Protocol31  Protocol = 3 // MQTT 3.1
	Protocol311 Protocol = 4 // MQTT 3.1.1
)

// Payload tells how readings are published.
type Payload string

// The forms of readings.
const (
	PayloadValue Payload = "value" // a topic for each reading, with its text
	PayloadJSON  Payload = "json"  // one JSON object for each line
	PayloadBoth  Payload = "both"
)

// Options describe a session. [Options.Validate] checks them; New does not.
type Options struct {
	Brokers     []*url.URL    // mqtt, mqtts, ws, wss
	AsWritten   bool          // each connect begins at the first broker, else at the last that accepted the session
	ClientID    string        // "" is a random one; then CleanSession must be true
	Username    string        // "" sends no credentials
	Password    string        //
	TLS         *tls.Config   // nil: the system's roots for mqtts and wss
	Protocol    Protocol      // default Protocol311
	KeepAlive   time.Duration // whole seconds; default 30 s
	BindAddress string        // local IP address, "" is any

	// How long to wait before connecting again: a random time below a bound that
	// doubles with every failure, from ReconnectMin to ReconnectMax; 0 is 250 ms
	// and 10 s.
	ReconnectMin, ReconnectMax time.Duration

	CleanSession bool   // false: the broker keeps commands while the session is away
	StatusTopic  string // retained online or offline, the will, and read back; "" has none
	Topic        string // of the device; "" publishes no readings and receives no commands
	Listen       string // one more topic to receive, "" is none

	// Watch are filters, with + for a whole level, of topics that the session receives if
	// the broker grants them. A refusal is not a problem.
	Watch []string

	QoS     byte    // of readings: 0 or 1
	Retain  bool    // of readings
	Payload Payload // default PayloadValue

	// MaxInflight is how many publishes of readings may be unacknowledged, up to
	// 10,000; 0 is DefaultMaxInflight. It is less by the results and messages to retain
	// that are unacknowledged, down to half. It bounds how many lines a broker receives at
	// once after an outage, and how many may arrive twice after a lost connection.
	// Over a slow network it also bounds the rate: this many per round trip.
	MaxInflight int

	// Lines that are older than LateAfter when they are sent go to Topic/late as
	// JSON, and not to the live topics; 0 is never.
	LateAfter time.Duration
}

// withDefaults fills in what the packages below do not.
func (o Options) withDefaults() Options {
	if o.ClientID == "" && o.Protocol == Protocol31 {
		o.ClientID = mqttconn.RandomID() // one for all connections: the next one ends the last
	}
	return o
}

// connection returns the options of a connection.
func (o Options) connection() mqttconn.Options {
	return mqttconn.Options{ClientID: o.ClientID, Username: o.Username, Password: o.Password, TLS: o.TLS,
		Protocol: byte(o.Protocol), KeepAlive: o.KeepAlive, BindAddress: o.BindAddress,
		CleanSession: o.CleanSession, WillTopic: o.StatusTopic, Will: publisher.Offline}
}

// publishing returns the options of a publisher.
func (o Options) publishing() publisher.Options {
	return publisher.Options{StatusTopic: o.StatusTopic, Topic: o.Topic, QoS: o.QoS, Retain: o.Retain,
		Values: o.Payload != PayloadJSON, Object: o.Payload == PayloadJSON || o.Payload == PayloadBoth,
		MaxInflight: cmp.Or(o.MaxInflight, DefaultMaxInflight), LateAfter: o.LateAfter}
}

// filters returns the topics that the session subscribes to.
func (o Options) filters() (filters []string) {
	if o.Topic != "" {
		filters = append(filters, commandFilter(o.Topic))
	}
	if o.Listen != "" {
		filters = append(filters, o.Listen)
	}
	return filters
}
