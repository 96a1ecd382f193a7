package publisher

import (
	"encoding/binary"

	"arduino-gateway/internal/mqttconn"
)

const (
	publishType = 3      // in the first four bits of a packet
	duplicate   = 1 << 3 // in its first byte: it was sent before, in this session
)

// publish is a PUBLISH packet to send.
type publish struct {
	topic  string
	qos    byte
	retain bool
	id     uint16 // at QoS 1
}

// appendPublish appends the packet with its payload, or returns why there is no such
// packet:
//
//	32 0b 00 05 75 6e 6f 2f 74 80 00 32 31   "uno/t", QoS 1, ID 0x8000, "21"
func appendPublish[payload string | []byte](b []byte, p publish, body payload) ([]byte, error) {
	if err := mqttconn.CheckPublish(p.topic, len(body)); err != nil {
		return b, err
	}
	flags := p.qos << 1
	if p.retain {
		flags |= 1
	}
	length := 2 + len(p.topic) + len(body)
	if p.qos > 0 {
		length += 2
	}
	b = append(b, publishType<<4|flags)
	b = binary.AppendUvarint(b, uint64(length))
	b = binary.BigEndian.AppendUint16(b, uint16(len(p.topic)))
	b = append(b, p.topic...)
	if p.qos > 0 {
		b = binary.BigEndian.AppendUint16(b, p.id)
	}
	return append(b, body...), nil
}
