package serialbridge

import "bytes"

// The bytes of telnet, RFC 854.
const (
	telnetSE   = 240 // ends a subnegotiation
	telnetSB   = 250 // begins one
	telnetWill = 251
	telnetWont = 252
	telnetDo   = 253
	telnetDont = 254
	telnetIAC  = 255 // begins a command; twice, it is a byte of data
)

// The telnet options that a serial port needs.
const (
	optionBinary  = 0  // 8 bits, and no meaning in CR
	optionGoAhead = 3  // no go-aheads
	optionComPort = 44 // RFC 2217
)

// maxSubnegotiation is longer than any that matters; a longer one is skipped.
const maxSubnegotiation = 64

// telnetCommand is a command between the data.
type telnetCommand struct {
	verb   byte   // WILL, WONT, DO, DONT or SB
	option byte   // the option it is about
	data   []byte // of SB; valid only during the call
}

// telnetDecoder removes the commands from a stream. Data and commands are the
// same however the stream is chunked. Its memory is fixed.
type telnetDecoder struct {
	state telnetState
	verb  byte
	sub   [maxSubnegotiation]byte
	n     int // bytes of the subnegotiation, up to one more than fit
}

type telnetState uint8

const (
	inData    telnetState = iota
	afterIAC              // IAC
	afterVerb             // IAC WILL
	inSub                 // IAC SB …
	inSubIAC              // IAC SB … IAC
)

// decode moves the data in p to its front and returns their number. It calls
// command for each command, in order.
func (d *telnetDecoder) decode(p []byte, command func(telnetCommand)) (n int) {
	if d.state == inData && bytes.IndexByte(p, telnetIAC) < 0 {
		return len(p)
	}
	for _, b := range p {
		if d.step(b, command) {
			p[n] = b
			n++
		}
	}
	return n
}

// step reads one byte and reports whether it is data.
func (d *telnetDecoder) step(b byte, command func(telnetCommand)) (data bool) {
	switch d.state {
	case inData:
		if b != telnetIAC {
			return true
		}
		d.state = afterIAC
	case afterIAC:
		return d.begin(b)
	case afterVerb: // IAC DO COM-PORT
		d.state = inData
		command(telnetCommand{verb: d.verb, option: b})
	case inSub:
		if b == telnetIAC {
			d.state = inSubIAC
			return false
		}
		d.keep(b)
	case inSubIAC:
		return d.endSub(b, command)
	}
	return false
}

// begin reads the byte after IAC.
func (d *telnetDecoder) begin(b byte) (data bool) {
	d.state = inData
	switch b {
	case telnetIAC:
		return true
	case telnetWill, telnetWont, telnetDo, telnetDont:
		d.state, d.verb = afterVerb, b
	case telnetSB:
		d.state, d.n = inSub, 0
	} // others, such as NOP, stand alone
	return false
}

// endSub reads the byte after an IAC within a subnegotiation. Any but IAC and SE
// means that the end was lost: the byte begins another command.
//
//	IAC SB COM-PORT SET-BAUDRATE 0 1 194 0 IAC SE
func (d *telnetDecoder) endSub(b byte, command func(telnetCommand)) (data bool) {
	switch b {
	case telnetIAC:
		d.keep(b)
		d.state = inSub
	case telnetSE:
		d.state = inData
		if d.n > 0 && d.n <= len(d.sub) {
			command(telnetCommand{verb: telnetSB, option: d.sub[0], data: d.sub[1:d.n]})
		}
	default:
		return d.begin(b)
	}
	return false
}

func (d *telnetDecoder) keep(b byte) {
	if d.n < len(d.sub) {
		d.sub[d.n] = b
	}
	d.n = min(d.n+1, len(d.sub)+1)
}

// appendData appends data as telnet escapes it.
func appendData(to, data []byte) []byte {
	for _, b := range data {
		if b == telnetIAC {
			to = append(to, telnetIAC)
		}
		to = append(to, b)
	}
	return to
}
