package device

import "time"

// Refused is a message to the broker that was put aside: MQTT has no packet for it, or
// the broker closes the connection whenever it comes.
type Refused struct {
	At      time.Time
	Topic   string
	Payload []byte // the sender's: copy what you keep
	Retain  bool
	Reason  string // in words
}
