package protocol

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxLine bounds a line to the board, in bytes with its ending: the size of the input buffer
// of an AVR.
const MaxLine = 63

// MaxNumber is the number of the last command of a session, the largest int of an AVR. The
// next command needs a new session.
const MaxNumber = 32767

// AppendEnding ends an incomplete line on the wire. Use it before the first line after an
// open, and before each repeat.
func AppendEnding(dst []byte) []byte { return append(dst, '\n') }

// AppendAsk appends the line that asks a board for its hello. It changes nothing on the
// board.
func AppendAsk(dst []byte) []byte { return appendLine(dst, "?") }

// AppendSession appends the line that begins a session. The board answers with its state.
// session must not be 0 or the one in the board's last state. Do not send the line again
// after a command of the session.
func AppendSession(dst []byte, session uint16) []byte {
	start := len(dst)
	dst = appendHex(append(dst, '?'), session)
	return append(appendSum(dst, start), '\n')
}

// AppendCommand appends a command's line. The numbers of a session are 1, 2, 3 and so on.
// text is the line that [device.Command.Encode] returns, such as "fan=128". If no board can
// be sent the text, the error says why, and dst is returned unchanged.
func AppendCommand(dst []byte, number uint16, text string) ([]byte, error) {
	if err := sendable(number, text); err != nil {
		return dst, err
	}
	start := len(dst)
	dst = append(strconv.AppendUint(append(dst, '#'), uint64(number), 10), ' ')
	dst = append(dst, text...)
	return append(appendSum(dst, start), '\n'), nil
}

func appendLine(dst []byte, text string) []byte {
	start := len(dst)
	return append(appendSum(append(dst, text...), start), '\n')
}

func sendable(number uint16, text string) error {
	length := len("# ") + len(strconv.Itoa(int(number))) + len(text) + sumLength + len("\n")
	switch {
	case number == 0 || number > MaxNumber:
		return fmt.Errorf("command number %d is not from 1 to %d", number, MaxNumber)
	case strings.IndexByte(text, '=') < 1:
		return fmt.Errorf("%q is not NAME=VALUE", text)
	case !utf8.ValidString(text) || strings.ContainsFunc(text, control):
		return fmt.Errorf("%q contains a control character", text)
	case length > MaxLine:
		return fmt.Errorf("the line has %d bytes; a board accepts at most %d", length, MaxLine)
	}
	return nil
}

func control(r rune) bool { return r < ' ' || r == 0x7f }
