package device

import "time"

// Message is one MQTT message for a device: usually a command, as it arrived
// and before any check.
type Message struct {
	Topic     string
	Command   string // the rest of the topic behind set/, not checked; may be empty or have several levels
	Payload   []byte // the receiver's; nil if the payload was too long to be a command
	Size      int    // bytes of the payload, also of one that was not kept
	QoS       byte
	PacketID  uint16 // MQTT packet identifier; 0 at QoS 0
	Retained  bool   // the broker had it stored: it was not sent just now
	Duplicate bool   // the broker may have delivered it before
	At        time.Time
}
