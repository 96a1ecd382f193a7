// Package mqttconn is one connection to an MQTT broker: it dials, sends CONNECT,
// subscribes and publishes, and reports why a connection failed or was lost,
// with a hint for the user. [Backoff] decides when to connect again.
//
// It is the only package that imports paho. paho connects, subscribes and keeps
// the connection alive. PUBLISH packets in both directions and their PUBACKs bypass
// it: through paho each line would cross five goroutines, and each command three.
// Both share the connection. Packet identifiers from [FirstID] on belong to the
// caller of [Conn.Write].
//
// The goroutine that reads the connection passes each message on, and acknowledges
// it afterwards. It keeps only the beginning of a message that is too long to be a
// command.
//
// It knows brokers, packets and errors of the network. It does not know devices'
// topics or payloads, never reconnects, and never logs.
package mqttconn
