package mqttbridge

import (
	"bufio"
	"encoding/binary"
	"sync/atomic"
)

// maxIncoming is how long a packet may be that the broker sends: far more than
// any command. paho would set aside as much memory as the packet's length says,
// which is up to 256 MB.
const maxIncoming = 64 << 10

// incoming is the stream of packets from the broker for paho: without the
// PUBACKs for what the pump published, and without the oversized messages. Those
// are acknowledged, or the broker would send them again.
type incoming struct {
	reader *bufio.Reader
	puback func(id uint16)
	passed func(m Message) // told of each message passed over
	acked  func(id uint16) // told of each PUBACK that is the pump's
	pinged atomic.Bool     // paho waits for a PINGRESP
	pong   []byte          // of a PINGRESP made here, still to hand on
	left   int             // bytes of the current packet to hand on
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
	case kind>>4 == publishType && body > maxIncoming:
		return i.pass(kind, header, body)
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

// pass skips a PUBLISH packet:
//
//	33 80 80 04  00 13 devices/uno/set/led  00 07  QoS 1, retained
//
// Its topic fits the reader's buffer, or is not told.
func (i *incoming) pass(kind byte, header, body int) error {
	b, err := i.reader.Peek(header + 2)
	if err != nil {
		return err
	}
	m := Message{QoS: kind >> 1 & 3, Retained: kind&1 != 0, Duplicate: kind&8 != 0}
	topic := header + 2 + int(binary.BigEndian.Uint16(b[header:]))
	start := topic // of the payload
	if m.QoS > 0 {
		start += 2
	}
	m.Size = max(0, header+body-start)
	b, err = i.reader.Peek(min(start, i.reader.Size()))
	if err != nil {
		return err
	}
	id := uint16(0)
	if len(b) == start {
		m.Topic = string(b[header+2 : topic])
		if m.QoS > 0 {
			id = binary.BigEndian.Uint16(b[topic:])
		}
	}
	if _, err := i.reader.Discard(header + body); err != nil {
		return err
	}
	if id != 0 {
		i.puback(id)
	}
	i.passed(m)
	return nil
}
