package mqttconn

import "encoding/binary"

// MaxSubscriptions bounds the filters that a connection can Ask for.
const MaxSubscriptions = 8

// firstAsk is the lowest packet identifier of a SUBSCRIBE that Ask sends. paho's do not
// come that far.
const firstAsk = FirstID - MaxSubscriptions

// Answer is a SUBACK to Ask.
type Answer struct {
	Number  int // of the subscription
	Granted bool
}

// Ask sends SUBSCRIBE for one filter at QoS 1 and does not wait for the SUBACK, which
// comes out of Answers, however late. A subscription has a number below
// MaxSubscriptions, and may be asked for again. Only one goroutine may call Ask.
func (c *Conn) Ask(number int, filter string) error {
	if err := checkFilters(filter); err != nil {
		return err
	}
	_, err := c.stream.send(appendSubscribe(nil, uint16(firstAsk+number), filter))
	return err
}

// Answers returns the channel of the SUBACKs to Ask. If nobody reads it, it keeps the
// first few.
func (c *Conn) Answers() <-chan Answer { return c.stream.answers }

// appendSubscribe appends a SUBSCRIBE packet at QoS 1:
//
//	82 08 7f f8  00 03 61 2f 23  01   "a/#", ID 0x7ff8
func appendSubscribe(b []byte, id uint16, filter string) []byte {
	b = append(b, subscribeType<<4|2)
	b = binary.AppendUvarint(b, uint64(2+2+len(filter)+1))
	b = binary.BigEndian.AppendUint16(b, id)
	b = binary.BigEndian.AppendUint16(b, uint16(len(filter)))
	b = append(b, filter...)
	return append(b, 1)
}

// suback takes the identifier and the return code of a SUBACK, and reports whether it
// answers Ask. Codes above 2 refuse; the broker may grant a lower QoS.
func (s *stream) suback(id uint16, code byte) (ours bool) {
	if id < firstAsk || id >= FirstID {
		return false
	}
	select {
	case s.answers <- Answer{Number: int(id - firstAsk), Granted: code <= 2}:
	default: // who asks again gets another answer
	}
	return true
}
