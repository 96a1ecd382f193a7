package publisher

import (
	"bytes"
	"strings"
	"testing"

	"github.com/eclipse/paho.mqtt.golang/packets"
	"pgregory.net/rapid"

	"arduino-gateway/internal/mqttconn"
)

// paho reads every packet as it was meant.
func TestAppendPublish(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := publish{
			topic:  rapid.StringN(0, 300, -1).Draw(t, "topic"),
			qos:    rapid.ByteMax(1).Draw(t, "qos"),
			retain: rapid.Bool().Draw(t, "retain"),
		}
		if want.qos > 0 {
			want.id = rapid.Uint16Min(mqttconn.FirstID).Draw(t, "id")
		}
		body := strings.Repeat("x", rapid.SampledFrom([]int{0, 1, 100, 20000, 3 << 20}).Draw(t, "payload"))
		wire := appendPublish([]byte("before"), want, body)
		read := bytes.NewReader(wire[len("before"):])
		packet, err := packets.ReadPacket(read)
		if err != nil || read.Len() > 0 {
			t.Fatalf("%v, %d bytes left", err, read.Len())
		}
		got := packet.(*packets.PublishPacket)
		if (publish{got.TopicName, got.Qos, got.Retain, got.MessageID}) != want || got.Dup || string(got.Payload) != body {
			t.Fatalf("%v, want %+v with %d bytes", got.FixedHeader, want, len(body))
		}
	})
}
