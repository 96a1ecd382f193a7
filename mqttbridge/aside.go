package mqttbridge

import (
	"strings"

	"arduino-gateway/device"
)

// refused passes on a message that is put aside.
func (s *Session) refused(m device.Refused) {
	s.log.Warn("message put aside", "topic", excerpt(m.Topic), "bytes", len(m.Payload), "error", m.Reason)
	s.handler.Refused(m)
}

// excerpt returns the beginning of a topic that is too long for a log.
func excerpt(topic string) string {
	const most = 100
	if len(topic) <= most {
		return topic
	}
	return strings.ToValidUTF8(topic[:most], "") + "…"
}
