// Package mqttconn is one connection to an MQTT broker: it dials, sends CONNECT,
// subscribes and publishes, and reports why a connection failed or was lost,
// with a hint for the user. [Backoff] decides when to connect again.
//
// It is the only package that imports paho. paho connects, subscribes and keeps
// the connection alive. What is published, either way, and its PUBACKs pass it
// by: through paho each line would cross five goroutines, and each command
// three. Both sides share the connection; packet identifiers from [FirstID] on
// belong to who calls [Conn.Write].
//
// A message is handed over by the goroutine that reads the connection, and
// acknowledged afterwards. Only the beginning of a message is kept if it is too
// long to be a command.
//
// It knows brokers, packets and errors of the network. It does not know devices'
// topics or payloads, never reconnects, and never logs.
package mqttconn
