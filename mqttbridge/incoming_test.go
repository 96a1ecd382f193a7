package mqttbridge

import (
	"strings"
	"testing"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"arduino-gateway/internal/mosquittotest"
	"arduino-gateway/internal/mqtttest"
)

// Messages too long for a command arrive without payload, and the next one is not late.
func TestSession_LongMessages(t *testing.T) {
	broker := mosquittotest.Start(t)
	listener := mqtttest.Listen(t, broker.URL())
	s := run(t, deviceOptions(broker.URL()))
	s.waitConnected()
	mqtttest.Eventually(t, "the subscription", func() bool { return s.Stats().Subscribed })
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

// A kept session holds messages of QoS 2 that are too long. Each is acknowledged to its end,
// once, and the connection stays.
func TestSession_LongMessagesAtQoS2(t *testing.T) {
	broker := mosquittotest.Start(t, "max_queued_messages 0", "log_type all")
	before := mqtt.NewClient(mqtt.NewClientOptions().AddBroker(broker.URL().String()).SetClientID("uno").SetCleanSession(false))
	mqtttest.Must(t, before.Connect())
	mqtttest.Must(t, before.Subscribe("devices/uno/set/#", 2, nil))
	before.Disconnect(100)
	sender := mqtttest.Listen(t, broker.URL())
	const long = 30 // more than mosquitto lets wait for a PUBREC
	for range long {
		mqtttest.Must(t, sender.Publish("devices/uno/set/big", 2, false, make([]byte, 100_000)))
	}
	mqtttest.Must(t, sender.Publish("devices/uno/set/led", 2, false, "on"))
	options := deviceOptions(broker.URL())
	options.CleanSession = false
	s := run(t, options)
	mqtttest.Eventually(t, "all messages", func() bool { return len(s.recorded.got()) == long+1 })
	mqtttest.Eventually(t, "PUBCOMPs", func() bool { return strings.Count(broker.Log(), "Received PUBCOMP from uno") == long+1 })
	for i, m := range s.recorded.got() {
		if m.QoS != 2 || m.Duplicate || i < long && m.Size != 100_000 || i == long && string(m.Payload) != "on" {
			t.Errorf("%d: %+v", i, m)
		}
	}
	if s.Stats().Losses > 0 || s.Stats().Oversized != long {
		t.Errorf("%+v\n%s", s.Stats(), s.log.String())
	}
}
