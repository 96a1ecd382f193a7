package mqttconn

import (
	"encoding/binary"
	"sync"
)

// pending has the packets of paho that the broker must still acknowledge. It keeps
// from paho what it would panic for: a SUBACK with more return codes than filters, and
// an acknowledgement while the packet's own write is about to fail.
type pending struct {
	mu      sync.Mutex
	packets map[uint16]*request // by identifier
}

// request is a packet of paho that the broker must acknowledge.
type request struct {
	answer  byte          // type of the acknowledgement
	filters int           // of a SUBSCRIBE
	written chan struct{} // closed after the write
	sent    bool          // the write succeeded; set before written is closed
}

// begin takes a whole packet of paho that is about to be written, and returns its
// request, nil if the packet needs no acknowledgement. paho never sends at QoS 2.
func (p *pending) begin(packet []byte) *request {
	_, length := binary.Uvarint(packet[1:])
	body := packet[1+length:]
	r := &request{written: make(chan struct{})}
	switch packet[0] >> 4 {
	case publishType:
		if qosOf(packet[0]) == 0 {
			return nil
		}
		r.answer = pubackType
		body = body[2+binary.BigEndian.Uint16(body):]
	case subscribeType:
		r.answer, r.filters = subackType, countFilters(body[2:])
	case unsubscribeType:
		r.answer = unsubackType
	default:
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.packets == nil {
		p.packets = map[uint16]*request{}
	}
	p.packets[binary.BigEndian.Uint16(body)] = r
	return r
}

// countFilters returns the number of filters in the payload of a SUBSCRIBE:
//
//	00 03 61 2f 23  01   "a/#" at QoS 1
func countFilters(payload []byte) (n int) {
	for ; len(payload) > 2; n++ {
		payload = payload[2+int(binary.BigEndian.Uint16(payload))+1:]
	}
	return n
}

// end takes the outcome of the write.
func (r *request) end(sent bool) {
	if r != nil {
		r.sent = sent
		close(r.written)
	}
}

// answered returns the packet that an acknowledgement belongs to, nil if there is none
// or it did not go out. Each packet is returned once.
func (p *pending) answered(kind byte, id uint16) *request {
	p.mu.Lock()
	r := p.packets[id]
	if r == nil || r.answer != kind {
		p.mu.Unlock()
		return nil
	}
	delete(p.packets, id)
	p.mu.Unlock()
	<-r.written // the deadline of writes bounds this
	if !r.sent {
		return nil
	}
	return r
}
