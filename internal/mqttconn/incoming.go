package mqttconn

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"sync/atomic"

	"arduino-gateway/device"
)

// MaxMessage is the most bytes of a PUBLISH packet behind its fixed header that
// are kept: the longest topic with its length and an identifier. It is far more
// than any command. paho would allocate as much memory as the packet's length
// asks for, up to 256 MB.
const MaxMessage = 2 + math.MaxUint16 + 2

// maxOther is the most bytes of any other packet behind its fixed header. The longest
// that this package asks for is the SUBACK of a cleanup, with a byte for each topic.
// paho reads packets whole.
const maxOther = 4 << 10

var errMalformed = errors.New("the broker sent a malformed packet")

// incoming is the stream of packets from the broker as paho sees it: without
// messages, which are acknowledged here, without PUBACKs from FirstID on, and without
// answers to Ask.
// Messages of QoS 2 are left to paho, except long ones: this package never asks for
// them, but a kept session may hold some that another client asked for.
type incoming struct {
	reader  *bufio.Reader
	answer  func(kind byte, id uint16) // sends a PUBACK, or a PUBREC at QoS 2
	arrived func(m device.Message)     // called with each message
	acked   func(id uint16)            // called with the identifier of each PUBACK from FirstID on
	suback  func(id uint16, code byte) (ours bool)
	pending pending     // packets of paho
	pinged  atomic.Bool // paho waits for a PINGRESP
	pong    []byte      // of a PINGRESP made here, still to hand on
	left    int         // bytes of the current packet to hand on
	first   bool        // the first packet, a CONNACK, is still to come
}

func (i *incoming) Read(p []byte) (int, error) {
	for i.left == 0 && len(i.pong) == 0 {
		if err := i.next(); err != nil {
			return 0, err
		}
	}
	if len(i.pong) > 0 {
		n := copy(p, i.pong)
		i.pong = i.pong[n:]
		return n, nil
	}
	n, err := i.reader.Read(p[:min(len(p), i.left)])
	i.left -= n
	return n, err
}

// next looks at the next packet and handles it, or leaves it for paho.
func (i *incoming) next() error {
	kind, header, body, err := i.peek()
	if err == nil && i.first {
		err, i.first = checkAnswer(i.reader, kind, header, body), false
	}
	if err != nil {
		return err
	}
	switch {
	case body < 0:
		return errMalformed
	case kind>>4 == pubackType && body == 2:
		return i.ack(header + body)
	case kind>>4 == subackType && body >= 3 && body <= maxOther:
		return i.subscribed(header, body)
	case kind>>4 == unsubackType && body == 2:
		return i.acknowledged(unsubackType, header, body)
	case kind>>4 == publishType && (qosOf(kind) < 2 || qosOf(kind) == 2 && body > MaxMessage):
		return i.message(kind, header, body)
	case isForPaho(kind, body):
		i.left = header + body
		return nil
	}
	return fmt.Errorf("%w: type %d with %d bytes", errMalformed, kind>>4, body)
}

// isForPaho reports whether paho handles a packet of this type and size: a CONNACK, a
// message of QoS 2, its PUBREL, and a PINGRESP. A broker sends nothing else.
func isForPaho(kind byte, body int) bool {
	switch kind >> 4 {
	case connackType, pubrelType:
		return body == 2
	case pingrespType:
		return body == 0
	}
	return kind>>4 == publishType && qosOf(kind) == 2
}

// acknowledged passes an acknowledgement on to paho if it answers a packet of paho. Any
// other is ignored.
func (i *incoming) acknowledged(kind byte, header, body int) error {
	b, err := i.reader.Peek(header + 2)
	if err != nil {
		return err
	}
	r := i.pending.answered(kind, binary.BigEndian.Uint16(b[header:]))
	switch {
	case r == nil:
		_, err = i.reader.Discard(header + body)
		return err
	case kind == subackType && body-2 > r.filters: // with fewer, the rest is not granted
		return fmt.Errorf("%w: a SUBACK with %d return codes for %d topics", errMalformed, body-2, r.filters)
	}
	i.left = header + body
	return nil
}

// ack handles a PUBACK of size bytes if its identifier is FirstID or above:
//
//	40 02 80 00
//
// A PUBACK also answers a pending PINGREQ: it proves that the broker lives, and
// over a slow network the PINGRESP may come after a window of PUBACKs.
func (i *incoming) ack(size int) error {
	b, err := i.reader.Peek(size)
	if err != nil {
		return err
	}
	id := binary.BigEndian.Uint16(b[size-2:])
	if id < FirstID {
		return i.acknowledged(pubackType, size-2, 2)
	}
	i.acked(id)
	if i.pinged.Load() {
		i.pinged.Store(false)
		i.pong = []byte{0xd0, 0}
	}
	_, err = i.reader.Discard(size)
	return err
}

// subscribed handles a SUBACK, unless paho has asked for it:
//
//	90 03 7f f8 80   refused
func (i *incoming) subscribed(header, body int) error {
	b, err := i.reader.Peek(header + 3)
	if err != nil {
		return err
	}
	if body == 3 && i.suback(binary.BigEndian.Uint16(b[header:]), b[header+2]) {
		_, err = i.reader.Discard(header + body)
		return err
	}
	return i.acknowledged(subackType, header, body)
}

// peek reads the fixed header of the next packet without consuming it:
//
//	32 ff ff 03      PUBLISH with QoS 1, 65535 bytes follow
//	d0 dd dd dd dd   no length: body is -1
func (i *incoming) peek() (kind byte, header, body int, err error) {
	for header = 2; ; header++ {
		b, err := i.reader.Peek(header)
		if err != nil {
			return 0, 0, 0, err
		}
		if b[header-1] < 0x80 {
			length, _ := binary.Uvarint(b[1:])
			return b[0], header, int(length), nil
		}
		if header == 5 {
			return b[0], header, -1, nil
		}
	}
}

// message handles a PUBLISH packet and acknowledges it:
//
//	33 80 80 04  00 13 devices/uno/set/led  00 07  QoS 1, retained
//
// Of a packet that is too long only the beginning is kept, which has its topic. At
// QoS 2 the broker then sends PUBREL, which paho answers.
func (i *incoming) message(kind byte, header, body int) error {
	packet := make([]byte, min(body, MaxMessage))
	if _, err := i.reader.Discard(header); err != nil {
		return err
	}
	if _, err := io.ReadFull(i.reader, packet); err != nil {
		return err
	}
	if _, err := i.reader.Discard(body - len(packet)); err != nil {
		return err
	}
	m, err := parsePublish(kind, packet, body)
	if err != nil {
		return err
	}
	i.arrived(m)
	if m.PacketID != 0 {
		// A PUBACK wakes the broker, which may take the processor. First let the
		// command's line go out.
		runtime.Gosched()
		i.answer(answerTo(m.QoS), m.PacketID)
	}
	return nil
}

// parsePublish reads a PUBLISH packet of size bytes, without its fixed header.
// If packet is only its beginning, the message has no payload.
func parsePublish(kind byte, packet []byte, size int) (device.Message, error) {
	m := device.Message{QoS: qosOf(kind), Retained: kind&1 != 0, Duplicate: kind&8 != 0}
	if len(packet) < 2 {
		return m, errMalformed
	}
	topic := 2 + int(binary.BigEndian.Uint16(packet)) // end of the topic
	head := topic
	if m.QoS > 0 {
		head += 2
	}
	if len(packet) < head {
		return m, errMalformed
	}
	m.Topic, m.Size = string(packet[2:topic]), size-head
	if m.QoS > 0 {
		m.PacketID = binary.BigEndian.Uint16(packet[topic:])
	}
	if len(packet) == size {
		m.Payload = packet[head:]
	}
	return m, nil
}

// answerTo returns the type of the packet that acknowledges a message.
func answerTo(qos byte) (kind byte) {
	if qos == 2 {
		return pubrecType
	}
	return pubackType
}

func qosOf(kind byte) byte { return kind >> 1 & 3 }
