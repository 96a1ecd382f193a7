package mqttbridge

import (
	"bufio"
	"encoding/binary"
)

// maxIncoming is how long a packet may be that the broker sends: far more than
// any command. paho would set aside as much memory as the packet's length says,
// which is up to 256 MB.
const maxIncoming = 64 << 10

// incoming is the stream of packets from the broker without the oversized
// messages. They are acknowledged, or the broker would send them again.
type incoming struct {
	reader *bufio.Reader
	puback func(id uint16)
	passed func(topic string, size int) // told of each message passed over
	left   int                          // bytes of the current packet to hand on
}

func (i *incoming) Read(p []byte) (int, error) {
	for i.left == 0 {
		kind, header, body, err := i.peek()
		if err != nil {
			return 0, err
		}
		if kind>>4 != publishType || body <= maxIncoming {
			i.left = header + body
			break
		}
		if err := i.pass(kind, header, body); err != nil {
			return 0, err
		}
	}
	n, err := i.reader.Read(p[:min(len(p), i.left)])
	i.left -= n
	return n, err
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

// pass skips a PUBLISH packet. Its topic fits the reader's buffer, or is not
// told.
func (i *incoming) pass(kind byte, header, body int) error {
	b, err := i.reader.Peek(header + 2)
	if err != nil {
		return err
	}
	topic := int(binary.BigEndian.Uint16(b[header:]))
	size := header + 2 + topic + 2
	b, err = i.reader.Peek(min(size, i.reader.Size()))
	if err != nil {
		return err
	}
	name, id := "", uint16(0)
	if len(b) == size {
		name, id = string(b[header+2:size-2]), binary.BigEndian.Uint16(b[size-2:])
	}
	if _, err := i.reader.Discard(header + body); err != nil {
		return err
	}
	if kind&6 != 0 && id != 0 {
		i.puback(id)
	}
	i.passed(name, body)
	return nil
}
