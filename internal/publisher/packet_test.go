package publisher

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/eclipse/paho.mqtt.golang/packets"
	"pgregory.net/rapid"

	"arduino-gateway/internal/mqttconn"
)

// anyTopic generates topics of any length, also some that MQTT has no packet for.
func anyTopic() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringN(0, 300, -1),
		rapid.Map(rapid.IntRange(65_500, 66_000), func(n int) string { return strings.Repeat("x", n) }),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 20), func(b []byte) string { return string(b) }),
		rapid.SampledFrom([]string{"", "a/+", "a/#", "a\x00", "a/\xff", "\xed\xa0\x80", strings.Repeat("é", 32_768), strings.Repeat("é", 32_767)}),
	)
}

// sayable is the rule of MQTT 3.1.1 in other words.
func sayable(topic string) bool {
	return topic != "" && len(topic) < 1<<16 && utf8.ValidString(topic) && !strings.ContainsAny(topic, "+#\x00")
}

// paho reads every packet as it was meant, and there is none for a topic that MQTT does
// not allow.
func TestAppendPublish(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := publish{
			topic:  anyTopic().Draw(t, "topic"),
			qos:    rapid.ByteMax(1).Draw(t, "qos"),
			retain: rapid.Bool().Draw(t, "retain"),
		}
		if want.qos > 0 {
			want.id = rapid.Uint16Min(mqttconn.FirstID).Draw(t, "id")
		}
		body := strings.Repeat("x", rapid.SampledFrom([]int{0, 1, 100, 20000, 3 << 20}).Draw(t, "payload"))
		wire, err := appendPublish([]byte("before"), want, body)
		if (err == nil) != sayable(want.topic) {
			t.Fatalf("%v", err)
		}
		if err != nil {
			if string(wire) != "before" {
				t.Fatalf("%d bytes appended, and %v", len(wire), err)
			}
			return
		}
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
