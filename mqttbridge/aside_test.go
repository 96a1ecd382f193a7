package mqttbridge

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/mosquittotest"
	"arduino-gateway/internal/mqtttest"
)

// note is a line with a reading of so many bytes.
func note(seq uint64, size int) device.Line {
	line := mqtttest.Numbered(seq)
	line.Readings = append(line.Readings, device.Reading{Name: "note", Value: strings.Repeat("x", size)})
	return line
}

// A broker that closes the connection over a long message gets everything else, and the
// report names the message. It does so over each transport.
func TestSession_MessageTooLongForBroker(t *testing.T) {
	authority := mosquittotest.NewAuthority(t)
	for name, lines := range map[string][]string{
		"mqtt":  {"max_packet_size 200"},
		"mqtts": append(authority.Server(), "max_packet_size 200"),
	} { // mosquitto 2.0 has no such limit for WebSockets
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			broker := mosquittotest.Start(t, lines...)
			o := deviceOptions(broker.URL())
			if name == "mqtts" {
				o.TLS = authority.Client("uno")
			}
			s := run(t, o)
			s.SetOnline(true)
			for seq := range uint64(20) {
				size := 100
				if seq == 7 {
					size = 300
				}
				s.source.Add(note(seq+1, size))
			}
			mqtttest.Eventually(t, "all lines\n"+broker.URL().String(), func() bool { return s.source.Acked() == 20 })
			refused := s.recorded.putAside()
			if len(refused) != 1 || refused[0].Topic != "devices/uno/note" || len(refused[0].Payload) != 300 {
				t.Errorf("%d put aside", len(refused))
			}
			if n := s.Stats().Refused; n != 1 {
				t.Error(n)
			}
			problems := strings.Join(s.Stats().Problems, "\n")
			if !strings.HasPrefix(problems, "message put aside: devices/uno/note (300 bytes): ") {
				t.Errorf("%q", problems)
			}
			log := s.log.String()
			if !strings.Contains(log, `msg="message refused" error="devices/uno/note (300 bytes): `) || strings.Contains(log, "connections end early") {
				t.Error(log)
			}
		})
	}
}

// mosquitto 2.0 acknowledges what message_size_limit forbids, drops it, and ends the
// connection. The session cannot know which message was dropped, and goes on.
func TestSession_MessageDroppedByBroker(t *testing.T) {
	broker := mosquittotest.Start(t, "message_size_limit 200")
	s := run(t, deviceOptions(broker.URL()))
	s.source.Add(note(1, 100), note(2, 300), note(3, 100))
	mqtttest.Eventually(t, "all lines", func() bool { return s.source.Acked() == 3 })
	if s.Stats().Refused != 0 {
		t.Errorf("%+v", s.Stats())
	}
	broker.WaitLog("Dropped too large PUBLISH from uno")
}

// A broker closes the connection over a topic, as AWS IoT does if a policy forbids it;
// mosquitto acknowledges and drops. The report ends when the broker takes the message
// after all.
func TestSession_SuspectIsAccepted(t *testing.T) {
	t.Parallel()
	sink := mqtttest.NewSink(t)
	closes := 0
	sink.CloseOn = func(kind byte, body []byte) bool {
		if kind != 3 || !bytes.Contains(body, []byte("devices/uno/note")) {
			return false
		}
		closes++
		return closes <= 4
	}
	s := run(t, deviceOptions(sink.Start(t).URL()))
	s.SetOnline(true)
	s.source.Add(note(1, 10), note(2, 10))
	s.log.Await(t, "message refused")
	if problems := strings.Join(s.Stats().Problems, "\n"); !strings.Contains(problems, "message refused: devices/uno/note (10 bytes)") {
		t.Error(problems)
	}
	mqtttest.Eventually(t, "both lines", func() bool { return s.source.Acked() == 2 })
	s.log.Await(t, "message accepted")
	if s.Stats().Refused != 0 || strings.Contains(strings.Join(s.Stats().Problems, "\n"), "refused") {
		t.Errorf("%+v", s.Stats())
	}
}

// Two clients with one ID end each other's connections: no message is to blame.
func TestSession_TwinsPutNothingAside(t *testing.T) {
	t.Parallel()
	broker := mosquittotest.Start(t)
	one, other := run(t, deviceOptions(broker.URL())), run(t, deviceOptions(broker.URL()))
	for seq := uint64(1); one.Stats().Losses+other.Stats().Losses < 60; seq++ {
		one.source.Add(mqtttest.Numbered(seq))
		other.source.Add(mqtttest.Numbered(seq))
		time.Sleep(5 * time.Millisecond)
	}
	for _, s := range []*running{one, other} {
		if n := s.Stats().Refused; n > 0 || strings.Contains(s.log.String(), "message refused") {
			t.Errorf("%d put aside\n%s", n, s.log.String())
		}
	}
}

// A broker that ends in order or is killed, and comes back at once, refuses nothing.
func TestSession_RestartsPutNothingAside(t *testing.T) {
	t.Parallel()
	broker := mosquittotest.Start(t)
	s := run(t, deviceOptions(broker.URL()))
	seq := uint64(0)
	for i := range 8 {
		for range 50 {
			seq++
			s.source.Add(mqtttest.Numbered(seq))
		}
		if i%2 == 0 {
			broker.Kill()
		}
		broker.Restart()
	}
	mqtttest.Eventually(t, "all lines", func() bool { return s.source.Acked() == int(seq) })
	if n := s.Stats().Refused; n > 0 || strings.Contains(s.log.String(), "message refused") {
		t.Errorf("%d put aside\n%s", n, s.log.String())
	}
}
