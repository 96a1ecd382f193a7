package mqttbridge

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"runtime"
	"sync/atomic"

	"arduino-gateway/device"
)

// maxIncoming is how long a packet may be that the broker sends, behind its fixed
// header: what the longest topic takes, with its length and an identifier. It is
// far more than any command. paho would set aside as much memory as the packet's
// length says, which is up to 256 MB.
const maxIncoming = 2 + math.MaxUint16 + 2

var errMalformed = errors.New("the broker sends a packet that does not add up")

// incoming is the stream of packets from the broker for paho: without the
// messages, which are acknowledged here, and without the PUBACKs for what the
// pump published. Messages of QoS 2 remain paho's: nobody asks for them, but a
// kept session may hold some that another client did ask for.
type incoming struct {
	reader  *bufio.Reader
	puback  func(id uint16)
	arrived func(m device.Message) // told of each message
	acked   func(id uint16)        // told of each PUBACK that is the pump's
	pinged  atomic.Bool            // paho waits for a PINGRESP
	pong    []byte                 // of a PINGRESP made here, still to hand on
	left    int                    // bytes of the current packet to hand on
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

// next looks at a packet and takes it, or leaves it for paho.
func (i *incoming) next() error {
	kind, header, body, err := i.peek()
	switch {
	case err != nil:
		return err
	case kind>>4 == pubackType && body == 2:
		return i.ack(header + body)
	case kind>>4 == publishType && (qosOf(kind) < 2 || body > maxIncoming):
		return i.message(kind, header, body)
	}
	i.left = header + body
	return nil
}

// ack takes a PUBACK of so many bytes, if it is the pump's:
//
//	40 02 80 00
//
// It also answers a PINGREQ, since it shows as well that the broker lives: over
// a slow network the PINGRESP may stand behind a window of others.
func (i *incoming) ack(size int) error {
	b, err := i.reader.Peek(size)
	if err != nil {
		return err
	}
	id := binary.BigEndian.Uint16(b[size-2:])
	if id < firstID {
		i.left = size
		return nil
	}
	i.acked(id)
	if i.pinged.Load() {
		i.pinged.Store(false)
		i.pong = []byte{0xd0, 0}
	}
	_, err = i.reader.Discard(size)
	return err
}

// peek reads the fixed header of the next packet and leaves it where it is:
//
//	32 ff ff 03   PUBLISH with QoS 1, 65535 bytes follow
func (i *incoming) peek() (kind byte, header, body int, err error) {
	for header = 2; ; header++ {
		b, err := i.reader.Peek(header)
		if err != nil {
			return 0, 0, 0, err
		}
		if b[header-1] < 0x80 || header == 5 {
			length, _ := binary.Uvarint(b[1:])
			return b[0], header, int(length), nil
		}
	}
}

// message takes a PUBLISH packet and acknowledges it:
//
//	33 80 80 04  00 13 devices/uno/set/led  00 07  QoS 1, retained
//
// Of one that is too long only the beginning is kept, which has its topic.
func (i *incoming) message(kind byte, header, body int) error {
	packet := make([]byte, min(body, maxIncoming))
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
		// A PUBACK wakes the broker, which may take the processor: first let the
		// command's line go out.
		runtime.Gosched()
		i.puback(m.PacketID)
	}
	return nil
}

// parsePublish reads a PUBLISH packet of so many bytes, behind its fixed header,
// from its beginning. Where that is not all, there is no payload.
func parsePublish(kind byte, packet []byte, size int) (device.Message, error) {
	m := device.Message{QoS: qosOf(kind), Retained: kind&1 != 0, Duplicate: kind&8 != 0}
	if len(packet) < 2 {
		return m, errMalformed
	}
	topic := 2 + int(binary.BigEndian.Uint16(packet)) // where it ends
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

func qosOf(kind byte) byte { return kind >> 1 & 3 }
