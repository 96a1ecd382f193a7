package mqttbridge

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"arduino-gateway/internal/mosquittotest"
)

// publishPacket is a PUBLISH packet as it stands on the wire.
func publishPacket(topic string, qos byte, id uint16, payload int) []byte {
	body := binary.BigEndian.AppendUint16(nil, uint16(len(topic)))
	body = append(body, topic...)
	if qos > 0 {
		body = binary.BigEndian.AppendUint16(body, id)
	}
	body = append(body, make([]byte, payload)...)
	return append(binary.AppendUvarint([]byte{0x30 | qos<<1}, uint64(len(body))), body...)
}

func TestOversizedMessagesArePassedOver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var stream, want []byte
		var wantIDs, ids, wantAcks, acks []uint16
		var wantTopics, topics []string
		for range rapid.IntRange(0, 6).Draw(t, "packets") {
			topic := strings.Repeat("t", rapid.IntRange(1, 300).Draw(t, "topic"))
			qos := rapid.ByteMax(1).Draw(t, "qos")
			id := rapid.Uint16Min(1).Draw(t, "id")
			payload := rapid.SampledFrom([]int{0, 1, 100, 20000, 50000, maxIncoming, 100000, 3 << 20}).Draw(t, "payload")
			packet := publishPacket(topic, qos, id, payload)
			stream = append(stream, packet...)
			switch {
			case payload < maxIncoming:
				want = append(want, packet...)
			case qos > 0:
				wantIDs = append(wantIDs, id)
				fallthrough
			default:
				wantTopics = append(wantTopics, topic)
			}
			pong := []byte{0xd0, 0}
			stream, want = append(stream, pong...), append(want, pong...)
			acked := rapid.Uint16Min(1).Draw(t, "acked")
			ack := binary.BigEndian.AppendUint16([]byte{0x40, 2}, acked)
			stream = append(stream, ack...)
			if acked >= firstID {
				wantAcks = append(wantAcks, acked)
			} else {
				want = append(want, ack...) // paho's
			}
		}
		reader := iotest.HalfReader(bytes.NewReader(stream))
		in := incoming{reader: bufio.NewReaderSize(reader, readSize),
			puback: func(id uint16) { ids = append(ids, id) },
			acked:  func(id uint16) { acks = append(acks, id) },
			passed: func(m Message) { topics = append(topics, m.Topic) }}
		got, err := io.ReadAll(&in)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%d bytes, want %d: %v", len(got), len(want), err)
		}
		if !slices.Equal(acks, wantAcks) {
			t.Fatalf("told of PUBACKs %v, want %v", acks, wantAcks)
		}
		if !slices.Equal(ids, wantIDs) || !slices.Equal(topics, wantTopics) {
			t.Fatalf("acknowledged %v, want %v; topics %q", ids, wantIDs, topics)
		}
	})
}

func TestAPubackAnswersAPing(t *testing.T) {
	ack := []byte{0x40, 2, 0x80, 0}
	stream := bytes.NewReader(slices.Concat(ack, ack, []byte{0xc0, 0}, ack))
	in := incoming{reader: bufio.NewReaderSize(stream, readSize), acked: func(uint16) {}}
	in.pinged.Store(true)
	got, err := io.ReadAll(iotest.OneByteReader(&in))
	if want := []byte{0xd0, 0, 0xc0, 0}; err != nil || !bytes.Equal(got, want) {
		t.Errorf("%x, want one PINGRESP and the rest, %x: %v", got, want, err)
	}
}

func FuzzIncoming(f *testing.F) {
	f.Add([]byte{0x20, 2, 0, 0, 0xd0, 0})
	f.Add(publishPacket("devices/uno/set/led", 1, 7, maxIncoming))
	f.Add([]byte{0x40, 2, 0x80, 0, 0x40, 2, 0, 1, 0xd0, 0})
	f.Add([]byte{0x30, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, stream []byte) {
		acks := 0
		in := incoming{reader: bufio.NewReaderSize(bytes.NewReader(stream), readSize),
			puback: func(uint16) {}, passed: func(Message) {}, acked: func(uint16) { acks++ }}
		got, err := io.ReadAll(&in)
		if err != nil && err != io.ErrUnexpectedEOF {
			t.Fatal(err)
		}
		if len(got)+4*acks > len(stream) {
			t.Fatalf("%x became %x, with %d PUBACKs taken", stream, got, acks)
		}
		if len(stream) < maxIncoming && acks == 0 && !bytes.HasPrefix(stream, got) {
			t.Fatalf("%x became %x", stream, got)
		}
	})
}

func TestABigMessageHarmsNobody(t *testing.T) {
	broker := mosquittotest.Start(t)
	ear := listen(t, broker.URL())
	s := run(t, deviceOptions(broker.URL()))
	s.waitConnected()
	broker.WaitLog("Sending SUBACK to uno")
	for range 30 { // more than mosquitto lets wait for a PUBACK
		must(t, ear.Publish("devices/uno/set/big", 1, false, make([]byte, 1<<20)))
	}
	must(t, ear.Publish("devices/uno/set/led", 1, false, "on"))
	eventually(t, "command", func() bool { return len(s.heard.got()) == 31 })
	for i, m := range s.heard.got() {
		if i < 30 && (m.Command != "big" || m.Payload != nil || m.Size != 1<<20) || i == 30 && m.Command != "led" {
			t.Errorf("%d: %s with %d bytes, told as %d", i, m.Command, len(m.Payload), m.Size)
		}
	}
	if n := s.Stats().Oversized; n != 30 {
		t.Errorf("%d passed over", n)
	}
	if log := s.log.String(); s.Stats().Losses > 0 {
		t.Error(log)
	}
}
