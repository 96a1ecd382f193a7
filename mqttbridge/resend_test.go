package mqttbridge

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"testing"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"arduino-gateway/device"
	"arduino-gateway/internal/mqtttest"
)

// visit is what a scripted broker does with one connection.
type visit struct {
	present bool                                // the session was kept
	acks    func(p *packets.PublishPacket) bool // which messages get a PUBACK
	until   int                                 // it closes after so many messages besides the status; 0: never
}

// forgetful is a broker that loses connections and PUBACKs as it is told. No real broker
// does that on purpose.
type forgetful struct {
	listener net.Listener
	seen     [][]string // for each connection, its messages besides the status
	ended    chan struct{}
}

func newForgetful(t *testing.T, visits ...visit) *forgetful {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &forgetful{listener: l, ended: make(chan struct{})}
	go func() {
		defer close(s.ended)
		for i, v := range visits {
			if i > 0 {
				s.refuse()
			}
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.seen = append(s.seen, s.serve(conn, v))
			conn.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-s.ended })
	return s
}

// refuse ends one connection at once: then the broker itself comes and goes, and the
// session does not look for a message to blame.
func (s *forgetful) refuse() {
	if conn, err := s.listener.Accept(); err == nil {
		conn.Close()
	}
}

func (s *forgetful) url() *url.URL { return &url.URL{Scheme: "mqtt", Host: s.listener.Addr().String()} }

func (s *forgetful) serve(conn net.Conn, v visit) (seen []string) {
	for {
		p, err := packets.ReadPacket(conn)
		if err != nil {
			return seen
		}
		switch p := p.(type) {
		case *packets.ConnectPacket:
			ack := packets.NewControlPacket(packets.Connack).(*packets.ConnackPacket)
			ack.SessionPresent = v.present
			_ = ack.Write(conn)
		case *packets.SubscribePacket:
			ack := packets.NewControlPacket(packets.Suback).(*packets.SubackPacket)
			ack.MessageID, ack.ReturnCodes = p.MessageID, p.Qoss
			_ = ack.Write(conn)
		case *packets.PublishPacket:
			status := p.TopicName == "devices/uno/status"
			if status || v.acks != nil && v.acks(p) {
				ack := packets.NewControlPacket(packets.Puback).(*packets.PubackPacket)
				ack.MessageID = p.MessageID
				_ = ack.Write(conn)
			}
			if status {
				if p.Dup {
					seen = append(seen, "a status again")
				}
				continue
			}
			text := fmt.Sprintf("%s=%s", p.TopicName[len("devices/uno/"):], p.Payload)
			if p.Dup {
				text += " DUP"
			}
			seen = append(seen, fmt.Sprintf("%s %d", text, p.MessageID))
			if len(seen) == v.until {
				return seen
			}
		case *packets.PingreqPacket:
			_ = packets.NewControlPacket(packets.Pingresp).Write(conn)
		case *packets.DisconnectPacket:
			return seen
		}
	}
}

// In a session that the broker has kept, what it did not acknowledge comes again with its
// identifier and the DUP flag, over several connections. In a new session it is new.
func TestSession_RepeatsWithTheDuplicateFlag(t *testing.T) {
	firstOnly := func(p *packets.PublishPacket) bool { return p.TopicName == "devices/uno/a" && string(p.Payload) == "1" }
	all := func(*packets.PublishPacket) bool { return true }
	broker := newForgetful(t,
		visit{present: true, acks: firstOnly, until: 5}, visit{present: true, until: 2}, visit{present: true, until: 5},
		visit{present: false, until: 5}, visit{present: true, acks: all})
	options := deviceOptions(broker.url())
	options.CleanSession = false
	s := run(t, options, func(s *Session) {
		s.Result("led", device.Result{Status: device.Done}, nil)
	})
	for seq := range uint64(2) {
		value := fmt.Sprint(seq + 1)
		s.source.Add(device.Line{Seq: seq + 1, Readings: []device.Reading{{Name: "a", Value: value}, {Name: "b", Value: value}}})
	}
	mqtttest.Eventually(t, "acknowledgement", func() bool { return s.source.Acked() == 2 })
	s.end()
	<-broker.ended
	const result = `result/led={"status":"done","took_ms":0}`
	want := [][]string{
		{result + " 32769", "a=1 32770", "b=1 32771", "a=2 32772", "b=2 32773"}, // 32768 was the status
		{result + " DUP 32769", "a=1 32775"},                                    // the first reading was acknowledged
		{result + " DUP 32769", "a=1 DUP 32775", "b=1 DUP 32771", "a=2 DUP 32772", "b=2 DUP 32773"},
		{result + " 32769", "a=1 32770", "b=1 32771", "a=2 32772", "b=2 32773"},
		{result + " DUP 32769", "a=1 DUP 32770", "b=1 DUP 32771", "a=2 DUP 32772", "b=2 DUP 32773"},
	}
	for i := range want {
		if i >= len(broker.seen) || !slices.Equal(broker.seen[i], want[i]) {
			t.Errorf("connection %d:\ngot  %q\nwant %q", i+1, broker.seen, want[i])
		}
	}
}
