package mqttconn

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"arduino-gateway/device"
)

// publishPacket returns a PUBLISH packet with a payload of zeros.
func publishPacket(topic string, qos byte, id uint16, payload int) []byte {
	body := binary.BigEndian.AppendUint16(nil, uint16(len(topic)))
	body = append(body, topic...)
	if qos > 0 {
		body = binary.BigEndian.AppendUint16(body, id)
	}
	body = append(body, make([]byte, payload)...)
	return append(binary.AppendUvarint([]byte{0x30 | qos<<1}, uint64(len(body))), body...)
}

// answered is the acknowledgement of a message.
type answered struct {
	kind byte
	id   uint16
}

// sorted is where the packets of a stream went.
type sorted struct {
	paho     []byte
	messages []device.Message
	answered []answered
	acked    []uint16 // PUBACKs from FirstID on
	subacks  []Answer
}

func sort(stream io.Reader) (h sorted, err error) {
	in := incoming{reader: bufio.NewReaderSize(stream, readSize),
		answer:  func(kind byte, id uint16) { h.answered = append(h.answered, answered{kind, id}) },
		arrived: func(m device.Message) { h.messages = append(h.messages, m) },
		acked:   func(id uint16) { h.acked = append(h.acked, id) },
		suback: func(id uint16, code byte) bool {
			if id >= firstAsk && id < FirstID {
				h.subacks = append(h.subacks, Answer{int(id - firstAsk), code <= 2})
				return true
			}
			return false
		}}
	h.paho, err = io.ReadAll(&in)
	return h, err
}

// Any packets in any order go to paho, to the handler or to the publisher.
func TestIncoming_Sorts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var stream []byte
		var want sorted
		for range rapid.IntRange(0, 6).Draw(t, "packets") {
			m := device.Message{
				Topic: strings.Repeat("t", rapid.SampledFrom([]int{1, 20, 300, 3000, 65535}).Draw(t, "topic")),
				Size:  rapid.SampledFrom([]int{0, 1, 100, 20000, 50000, 65000, 100000, 3 << 20}).Draw(t, "payload"),
				QoS:   rapid.ByteMax(2).Draw(t, "qos"),
			}
			if m.QoS > 0 {
				m.PacketID = rapid.Uint16Min(1).Draw(t, "id")
			}
			packet := publishPacket(m.Topic, m.QoS, m.PacketID, m.Size)
			stream = append(stream, packet...)
			whole := len(packet)-headerOf(packet) <= MaxMessage
			switch {
			case m.QoS == 2 && whole:
				want.paho = append(want.paho, packet...)
			case whole:
				m.Payload = make([]byte, m.Size)
				fallthrough
			default:
				want.messages = append(want.messages, m)
				if m.QoS > 0 {
					want.answered = append(want.answered, answered{map[byte]byte{1: 4, 2: 5}[m.QoS], m.PacketID})
				}
			}
			pong := []byte{0xd0, 0}
			stream, want.paho = append(stream, pong...), append(want.paho, pong...)
			acked := rapid.Uint16Min(1).Draw(t, "acked")
			ack := binary.BigEndian.AppendUint16([]byte{0x40, 2}, acked)
			stream = append(stream, ack...)
			if acked >= FirstID {
				want.acked = append(want.acked, acked)
			} // else nothing was asked for
			asked, code := rapid.Uint16Range(firstAsk-2, FirstID+1).Draw(t, "asked"), rapid.SampledFrom([]byte{0, 1, 2, 0x80}).Draw(t, "code")
			suback := append(binary.BigEndian.AppendUint16([]byte{0x90, 3}, asked), code)
			stream = append(stream, suback...)
			if asked >= firstAsk && asked < FirstID {
				want.subacks = append(want.subacks, Answer{int(asked - firstAsk), code != 0x80})
			}
		}
		got, err := sort(iotest.HalfReader(bytes.NewReader(stream)))
		if err != nil || !bytes.Equal(got.paho, want.paho) {
			t.Fatalf("%d bytes, want %d: %v", len(got.paho), len(want.paho), err)
		}
		if !slices.Equal(got.acked, want.acked) || !slices.Equal(got.answered, want.answered) {
			t.Fatalf("acknowledged %v and %v, want %v and %v", got.acked, got.answered, want.acked, want.answered)
		}
		if !slices.Equal(got.subacks, want.subacks) {
			t.Fatalf("SUBACKs %v, want %v", got.subacks, want.subacks)
		}
		if !slices.EqualFunc(got.messages, want.messages, sameMessage) {
			t.Fatalf("%d messages, want %d, or others", len(got.messages), len(want.messages))
		}
	})
}

func sameMessage(a, b device.Message) bool {
	return a.Topic == b.Topic && a.Size == b.Size && a.QoS == b.QoS && a.PacketID == b.PacketID &&
		bytes.Equal(a.Payload, b.Payload)
}

// headerOf returns the length of a packet's fixed header.
func headerOf(packet []byte) int {
	_, n := binary.Uvarint(packet[1:])
	return 1 + n
}

// Topic, payload, QoS, identifier and flags are read from the packet.
func TestIncoming_Message(t *testing.T) {
	got, err := sort(strings.NewReader("\x3b\x0d\x00\x07set/led\x00\x05on"))
	want := device.Message{Topic: "set/led", Payload: []byte("on"), Size: 2, QoS: 1, PacketID: 5, Retained: true, Duplicate: true}
	if err != nil || len(got.messages) != 1 || !reflect.DeepEqual(got.messages[0], want) {
		t.Errorf("got %+v, want %+v: %v", got.messages, want, err)
	}
}

// A malformed packet is an error.
func TestIncoming_Malformed(t *testing.T) {
	for _, packet := range []string{
		"\x30\x00",                     // no topic
		"\x30\x01\x00",                 // half its length
		"\x30\x04\x00\x03ab",           // half of it
		"\x32\x05\x00\x02ab\x01",       // half an identifier
		"\x30\xff\xff\xff\xff\xff\xff", // no length
	} {
		if got, err := sort(strings.NewReader(packet)); err != errMalformed || len(got.messages) > 0 {
			t.Errorf("%x became %d messages, error %v", packet, len(got.messages), err)
		}
	}
}

// A PUBACK answers a pending PINGREQ, once.
func TestIncoming_PubackAnswersPing(t *testing.T) {
	ack := []byte{0x40, 2, 0x80, 0}
	stream := bytes.NewReader(slices.Concat(ack, ack, []byte{0x62, 2, 0, 1}, ack))
	in := incoming{reader: bufio.NewReaderSize(stream, readSize), acked: func(uint16) {}}
	in.pinged.Store(true)
	got, err := io.ReadAll(iotest.OneByteReader(&in))
	if want := []byte{0xd0, 0, 0x62, 2, 0, 1}; err != nil || !bytes.Equal(got, want) {
		t.Errorf("%x, want one PINGRESP and the rest, %x: %v", got, want, err)
	}
}

func FuzzIncoming(f *testing.F) {
	f.Add([]byte{0x20, 2, 0, 0, 0xd0, 0})
	f.Add(publishPacket("devices/uno/set/led", 1, 7, MaxMessage))
	f.Add(publishPacket("devices/uno/set/led", 0, 0, 2))
	f.Add([]byte{0x40, 2, 0x80, 0, 0x40, 2, 0, 1, 0xd0, 0})
	f.Add([]byte{0x90, 3, 0x7f, 0xf8, 0x80, 0x90, 3, 0, 1, 0, 0xd0, 0})
	f.Add([]byte{0x30, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, stream []byte) {
		got, err := sort(bytes.NewReader(stream))
		if err != nil && err != io.ErrUnexpectedEOF && !errors.Is(err, errMalformed) {
			t.Fatal(err)
		}
		taken := 4*len(got.acked) + 5*len(got.subacks)
		for _, m := range got.messages {
			taken += 4 + len(m.Topic) + m.Size
		}
		if len(got.paho)+taken > len(stream) {
			t.Fatalf("%x became %x, with %d bytes taken", stream, got.paho, taken)
		}
	})
}
