package serialbridge

import (
	"encoding/binary"
	"slices"
)

// The commands of RFC 2217, as a client sends them; a server's answer has 100
// added to it.
const (
	setBaudRate       = 1
	setDataSize       = 2
	setParity         = 3
	setStopSize       = 4
	setControl        = 5
	setLineStateMask  = 10
	setModemStateMask = 11

	fromServer = 100
)

// What setParity, setStopSize and setControl take.
const (
	noParity      = 1
	oneStopBit    = 1
	noFlowControl = 1
	dtrOn         = 8
	dtrOff        = 9
	rtsOn         = 11
	rtsOff        = 12
)

// ourOptions are announced at once, and so need no answer later. A server that
// leaves BINARY out is taken to send bytes as they are all the same: those of
// small bridges do.
var ourOptions = []byte{optionBinary, optionGoAhead, optionComPort}

// negotiation opens the negotiation.
func negotiation() []byte {
	return []byte{
		telnetIAC, telnetWill, optionComPort,
		telnetIAC, telnetWill, optionBinary, telnetIAC, telnetDo, optionBinary,
		telnetIAC, telnetWill, optionGoAhead, telnetIAC, telnetDo, optionGoAhead,
	}
}

// portSettings asks for 8N1 at baud with DTR and RTS up, and for no news of the
// line's state.
func portSettings(baud int) []byte {
	return slices.Concat(
		comPort(setLineStateMask, 0), comPort(setModemStateMask, 0),
		comPort(setDataSize, 8), comPort(setParity, noParity), comPort(setStopSize, oneStopBit),
		comPort(setControl, noFlowControl),
		baudRequest(baud),
		comPort(setControl, dtrOn), comPort(setControl, rtsOn),
	)
}

func baudRequest(baud int) []byte {
	return comPort(setBaudRate, binary.BigEndian.AppendUint32(nil, uint32(baud))...)
}

// comPort is one command of RFC 2217.
func comPort(command byte, values ...byte) []byte {
	request := []byte{telnetIAC, telnetSB, optionComPort, command}
	request = appendData(request, values)
	return append(request, telnetIAC, telnetSE)
}

// refusal declines an option of the server's that is none of ours; nil is no
// answer.
func refusal(c telnetCommand) []byte {
	switch {
	case slices.Contains(ourOptions, c.option):
		return nil
	case c.verb == telnetDo:
		return []byte{telnetIAC, telnetWont, c.option}
	case c.verb == telnetWill: // ser2net offers ECHO
		return []byte{telnetIAC, telnetDont, c.option}
	}
	return nil
}

// agreement reads whether the server speaks RFC 2217.
//
//	IAC DO COM-PORT
func agreement(c telnetCommand) (agreed, ok bool) {
	if c.option != optionComPort || c.verb == telnetSB {
		return false, false
	}
	return c.verb == telnetDo || c.verb == telnetWill, true
}

// confirmedBaud reads the server's answer to setBaudRate.
//
//	IAC SB COM-PORT 101 0 1 194 0 IAC SE
func confirmedBaud(c telnetCommand) (baud int, ok bool) {
	if c.verb != telnetSB || c.option != optionComPort || len(c.data) != 5 || c.data[0] != fromServer+setBaudRate {
		return 0, false
	}
	return int(binary.BigEndian.Uint32(c.data[1:])), true
}

// nearBaud tells whether two rates are the same for a UART, whose clock's
// divisor seldom meets a rate exactly.
func nearBaud(a, b int) bool {
	return 100*max(a-b, b-a) <= 3*b
}
