package serialbridge

import (
	"encoding/binary"
	"slices"
)

// The commands of RFC 2217, as a client sends them. The server adds 100 in its
// answer.
const (
	setBaudRate       = 1
	setDataSize       = 2
	setParity         = 3
	setStopSize       = 4
	setControl        = 5
	suspend           = 8
	resume            = 9
	setLineStateMask  = 10
	setModemStateMask = 11

	fromServer = 100
)

// The values of setParity, setStopSize and setControl.
const (
	noParity      = 1
	oneStopBit    = 1
	noFlowControl = 1
	dtrOn         = 8
	dtrOff        = 9
	rtsOn         = 11
	rtsOff        = 12
)

// ourOptions are announced at once and so need no answer later. A server that
// leaves out BINARY is expected to send bytes as they are all the same: small
// bridges do.
var ourOptions = []byte{optionBinary, optionGoAhead, optionComPort}

// negotiation returns the requests that open the negotiation.
func negotiation() []byte {
	return []byte{
		telnetIAC, telnetWill, optionComPort,
		telnetIAC, telnetWill, optionBinary, telnetIAC, telnetDo, optionBinary,
		telnetIAC, telnetWill, optionGoAhead, telnetIAC, telnetDo, optionGoAhead,
	}
}

// portSettings returns the requests for 8N1 at baud, and for no reports of the
// line's state. DTR and RTS stay as the server has them: to some servers each
// request for them is an order. esp_rfc2217_server of esptool sends an ESP32 to
// its download mode for DTR up, and resets it for RTS down.
func portSettings(baud int) []byte {
	return slices.Concat(
		comPort(setLineStateMask, 0), comPort(setModemStateMask, 0),
		comPort(setDataSize, 8), comPort(setParity, noParity), comPort(setStopSize, oneStopBit),
		comPort(setControl, noFlowControl),
		baudRequest(baud),
	)
}

// baudRequest returns the request for a rate; ownBaud asks for the rate that the
// server has.
func baudRequest(baud int) []byte {
	return comPort(setBaudRate, binary.BigEndian.AppendUint32(nil, uint32(baud))...)
}

// comPort returns one command of RFC 2217.
func comPort(command byte, values ...byte) []byte {
	request := []byte{telnetIAC, telnetSB, optionComPort, command}
	request = appendData(request, values)
	return append(request, telnetIAC, telnetSE)
}

// refusal returns the answer that declines an unknown option of the server, nil
// for none.
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

// agreement reports whether the server accepts RFC 2217; ok is false for any
// other command.
//
//	IAC DO COM-PORT
func agreement(c telnetCommand) (agreed, ok bool) {
	if c.option != optionComPort || c.verb == telnetSB {
		return false, false
	}
	return c.verb == telnetDo || c.verb == telnetWill, true
}

// confirmedBaud returns the rate in the answer of the server to setBaudRate.
//
//	IAC SB COM-PORT 101 0 1 194 0 IAC SE
func confirmedBaud(c telnetCommand) (baud int, ok bool) {
	if c.verb != telnetSB || c.option != optionComPort || len(c.data) != 5 || c.data[0] != fromServer+setBaudRate {
		return 0, false
	}
	return int(binary.BigEndian.Uint32(c.data[1:])), true
}

// flowControl reports whether the server wants nothing sent to it from now on; ok
// is false for any other command.
//
//	IAC SB COM-PORT 108 IAC SE
func flowControl(c telnetCommand) (suspended, ok bool) {
	if c.verb != telnetSB || c.option != optionComPort || len(c.data) != 1 {
		return false, false
	}
	return c.data[0] == fromServer+suspend, c.data[0] == fromServer+suspend || c.data[0] == fromServer+resume
}

// nearBaud reports whether two rates are the same for a UART: the divisor of its
// clock rarely divides into a rate exactly.
func nearBaud(a, b int) bool {
	return 100*max(a-b, b-a) <= 3*b
}
