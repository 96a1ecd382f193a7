// Package mqttbridge keeps a device connected to a broker as an MQTT client of its
// own: it publishes readings until the broker has acknowledged them, receives
// commands, and keeps a retained status that says whether the device is online.
//
// A [Session] belongs to one client ID. Its Run connects, and connects again after
// every loss, without end and with a growing random wait. It treats a broker that is
// away at the start in the same way. When its context is cancelled, Run stops in order: it
// waits up to [DrainTime] for the PUBACKs of what the [Source] still holds,
// publishes "offline" and sends DISCONNECT.
//
// # Events
//
// A [Handler] receives each message with its topic, payload, QoS and retain flag,
// each connection with the broker's session-present flag, and each disconnection
// with its cause; the cause is nil after a DISCONNECT of our own. A broker that
// refuses the session answers with a [ConnectCode]: 0 is accepted, 1 to 5 are
// refusals. [Session.Err] returns it in a [RefusedError] until a connection
// succeeds. [Session.Stats] counts everything.
//
// # Delivery
//
// A line is forgotten when the broker has sent the PUBACKs of all its messages, at
// QoS 0 when it was written to an open connection. Every connection starts at the
// first line without PUBACK, so that no line is lost and the order stays. Lines
// in flight when a connection broke may arrive twice. Results of commands and
// messages to retain are kept in the same way.
//
// # Commands
//
// A session publishes at once, and asks for its commands again and again on the same
// connection until the broker grants the subscription. A device that accepts commands
// is offline until then; see [Session.SetCommands].
//
// A message that MQTT cannot carry, or for which the broker closes one connection after
// the other, is put aside: [Handler].Refused gets it, and everything else goes on.
//
// # The status
//
// A session subscribes to its own status topic, at QoS 0. If the broker sends another
// status than the one published last, such as a late will, the session publishes it
// again, with growing pauses. If the status does not come back although the broker has
// acknowledged it, [Stats] reports that. Without the right to read the topic, a session
// only knows less.
//
// # How it works
//
//	Source → publisher ────→ connection → broker
//	Source ← in-flight table ← PUBACK ←─┤
//	                Handler ← PUBLISH ←─┘
//
// The goroutine of Run connects and stops, one goroutine publishes, and one of the
// connection reads. The reading goroutine calls the Handler and acknowledges the
// message when the Handler returns.
//
// # Limits
//
// The package knows brokers, topics and the shape of payloads. It never touches a
// serial port or a file, and checks no command. Between its calls of the [Handler]
// and the [Source] it never waits for them.
package mqttbridge
