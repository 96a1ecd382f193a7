package mqttbridge

import "arduino-gateway/device"

// refused passes on a message that is put aside.
func (s *Session) refused(m device.Refused) {
	s.log.Warn("message put aside", "topic", excerpt(m.Topic), "bytes", len(m.Payload), "error", m.Reason)
	s.handler.Refused(m)
}
