// Package mqtttest helps tests of MQTT clients: a [Sink] is a minimal broker, a
// [Listener] is an independent client that records what a broker publishes, and a
// [Source] holds lines for a session to publish.
//
// It knows MQTT and the lines of package device.
package mqtttest
