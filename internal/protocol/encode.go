package protocol

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxLine bounds a line to the board, in bytes with its ending: what the input
// buffer of an AVR holds.
const MaxLine = 63

// MaxNumber is the last command of a session, what an int of an AVR holds; the
// next needs a new session.
const MaxNumber = 32767

// AppendEnding ends whatever half a line may lie before what is sent next. It
// belongs before the first line after an open, and before each repeat.
func AppendEnding(dst []byte) []byte { return append(dst, '\n') }

// AppendAsk appends the line that asks a board for its hello, and changes
// nothing on the board.
func AppendAsk(dst []byte) []byte { return appendLine(dst, "?") }

// AppendSession appends the line that begins a session, to which the board
// answers with its state. The ID must be no other than 0 and the one that the
// board's state tells, and must not be sent any more once a command of the
// session was.
func AppendSession(dst []byte, session uint16) []byte {
	start := len(dst)
	dst = appendHex(append(dst, '?'), session)
	return append(appendSum(dst, start), '\n')
}

// AppendCommand appends the command's line. Number is 1 for the first of a
// session, and one more for each that follows; text is as device.Command's
// Encode gives it, such as "fan=128". The error says why it can't be sent to any
// board, and dst comes back as it was.
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
		return fmt.Errorf("a command with the number %d; they go from 1 to %d", number, MaxNumber)
	case strings.IndexByte(text, '=') < 1:
		return fmt.Errorf("%q is no NAME=VALUE", text)
	case !utf8.ValidString(text) || strings.ContainsFunc(text, control):
		return fmt.Errorf("%q has a control character in it", text)
	case length > MaxLine:
		return fmt.Errorf("the line has %d bytes; a board takes %d", length, MaxLine)
	}
	return nil
}

func control(r rune) bool { return r < ' ' || r == 0x7f }
