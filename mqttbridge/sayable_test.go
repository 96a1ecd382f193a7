package mqttbridge

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"arduino-gateway/device"
	"arduino-gateway/internal/publisher"
)

// decoder is a connection that reads each packet with paho and acknowledges it at once.
type decoder struct {
	t      *testing.T
	acked  func(uint16)
	topics []string
}

func (d *decoder) Write(p []byte) (int, error) {
	for r := bytes.NewReader(p); r.Len() > 0; {
		packet, err := packets.ReadPacket(r)
		published, ok := packet.(*packets.PublishPacket)
		if err != nil || !ok {
			d.t.Fatalf("not a PUBLISH: %v, %v", packet, err)
		}
		d.topics = append(d.topics, published.TopicName)
		d.acked(published.MessageID)
	}
	return len(p), nil
}

func (d *decoder) Lost() <-chan struct{} { return nil }

var _ io.Writer = (*decoder)(nil)

// Whatever topic a broker delivers a command on, a decoder reads back the packets of its
// result and those after it. A result without a packet is put aside and counts as
// delivered, so that the journal does not bring it back.
func FuzzCommandTopic(f *testing.F) {
	for _, suffix := range []string{"", "/", "/led", "/led/on", "/+", "/\xff", "/\x00", "/é", "x"} {
		f.Add(suffix, uint16(0))
	}
	f.Add("/", uint16(65_517))
	f.Add("/", uint16(65_514)) // the longest
	f.Fuzz(func(t *testing.T, suffix string, more uint16) {
		command, ok := commandOf("devices/uno", "devices/uno/set"+suffix+strings.Repeat("x", int(more)))
		if !ok {
			return
		}
		var refused []device.Refused
		p := publisher.New(nil)
		p.PutAside(func(m device.Refused) { refused = append(refused, m) }, func() {})
		p.Configure(publisher.Options{Topic: "devices/uno", StatusTopic: "devices/uno/status", MaxInflight: 10})
		delivered := 0
		p.Result(command, device.Result{Status: device.Rejected}, func() { delivered++ })
		p.Result("next", device.Result{Status: device.Sent}, func() { delivered++ })
		stream := p.NewStream()
		wire, drain := &decoder{t: t, acked: stream.Acked}, make(chan struct{})
		close(drain)
		stream.Run(wire, drain, nil)
		want := []string{"devices/uno/status", "devices/uno/result/" + command, "devices/uno/result/next"}
		if len(refused) == 1 && refused[0].Topic == want[1] && refused[0].Reason != "" {
			want = []string{want[0], want[2]}
		}
		if got := strings.Join(wire.topics, "\n"); got != strings.Join(want, "\n") || delivered != 2 || p.Counts().Refused != uint64(len(refused)) {
			t.Errorf("%.200q, %d delivered, %d put aside", got, delivered, len(refused))
		}
	})
}
