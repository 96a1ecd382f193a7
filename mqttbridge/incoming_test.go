package mqttbridge

import (
	"testing"

	"arduino-gateway/internal/mosquittotest"
	"arduino-gateway/internal/mqtttest"
)

// Messages too long for a command arrive without payload, and the next one is not late.
func TestSession_LongMessages(t *testing.T) {
	broker := mosquittotest.Start(t)
	listener := mqtttest.Listen(t, broker.URL())
	s := run(t, deviceOptions(broker.URL()))
	s.waitConnected()
	broker.WaitLog("Sending SUBACK to uno")
	for range 30 { // more than mosquitto lets wait for a PUBACK
		mqtttest.Must(t, listener.Publish("devices/uno/set/big", 1, false, make([]byte, 1<<20)))
	}
	mqtttest.Must(t, listener.Publish("devices/uno/set/led", 1, false, "on"))
	mqtttest.Eventually(t, "command", func() bool { return len(s.recorded.got()) == 31 })
	for i, m := range s.recorded.got() {
		if i < 30 && (m.Command != "big" || m.Payload != nil || m.Size != 1<<20) || i == 30 && m.Command != "led" {
			t.Errorf("%d: %s with %d bytes, reported as %d", i, m.Command, len(m.Payload), m.Size)
		}
	}
	if n := s.Stats().Oversized; n != 30 {
		t.Errorf("%d oversized", n)
	}
	if log := s.log.String(); s.Stats().Losses > 0 {
		t.Error(log)
	}
}
