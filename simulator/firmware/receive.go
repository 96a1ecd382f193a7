package firmware

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/protocol"
)

// readByte reads a byte from the buffer. LF, CR and both end a line. An overlong
// line is discarded to its end, since its beginning might be another command.
func (b *Board) readByte(now time.Duration, c byte) {
	switch {
	case c != '\n' && c != '\r':
		b.overlong = b.overlong || len(b.line) == protocol.MaxLine-1
		if !b.overlong {
			b.line = append(b.line, c)
		}
		return
	case b.overlong:
		b.again(now, "damaged")
	case len(b.line) > 0:
		b.handleLine(now, string(b.line))
	}
	b.line, b.overlong = b.line[:0], false
}

// handleLine answers a line.
func (b *Board) handleLine(now time.Duration, line string) {
	if b.sketch.OnLine != nil {
		b.sketch.OnLine(line)
	}
	text, check := cutSum(line)
	text, _, _ = strings.Cut(text, "\x00") // the end of a string in C
	question, isQuestion := strings.CutPrefix(text, "?")
	numbered, isNumbered := strings.CutPrefix(text, "#")
	switch {
	case check == protocol.Wrong:
		b.again(now, "damaged")
	case check == protocol.Unchecked && text == "?": // typed by a person
		b.session, b.next = noSession, 0
		b.hello(now)
	case check == protocol.Unchecked && (isQuestion || isNumbered || b.next != 0):
		b.again(now, "no checksum")
	case isQuestion:
		b.handleQuestion(now, question)
	case isNumbered:
		b.handleNumbered(now, numbered)
	case b.next != 0:
		b.rejectNumber(now)
	default:
		b.answer(now, 0, b.runCommand(text))
	}
}

// cutSum removes the checksum from a line. A "~" in its place counts as one,
// whatever is around it, so that a damaged one is not taken for a typed line:
// "led=on_~C7EE".
func cutSum(line string) (text string, check protocol.Check) {
	at := len(line) - len(" ~0000")
	switch {
	case at < 0 || line[at+1] != '~':
		return line, protocol.Unchecked
	case line != string(appendSum([]byte(line[:at]), 0)):
		return line, protocol.Wrong
	}
	return line[:at], protocol.Right
}

// handleQuestion begins a session, or sends the hello.
func (b *Board) handleQuestion(now time.Duration, id string) {
	if len(id) != len(noSession) {
		b.hello(now)
		return
	}
	if id != b.session {
		b.session, b.next = id, 1
	}
	b.state(now)
}

// handleNumbered handles "5 led=on", the text after the number sign. The command
// counts as received before it runs. One of the last four is answered from
// memory.
func (b *Board) handleNumbered(now time.Duration, text string) {
	digits, command, found := strings.Cut(text, " ")
	parsed, err := strconv.ParseInt(digits, 10, 16)
	n := uint16(max(parsed, 0))
	if !found || err != nil {
		n = 0
	}
	reply := &b.replies[n%rememberedReplies]
	switch {
	case n > 0 && n == b.next:
		b.next++
		*reply = b.runCommand(command)
	case n == 0 || n >= b.next || b.next-n > rememberedReplies:
		b.rejectNumber(now)
		return
	}
	b.answer(now, n, *reply)
}

func (b *Board) rejectNumber(now time.Duration) {
	if b.next == 0 {
		b.again(now, "no session")
		return
	}
	b.again(now, "not the next")
}

// again answers with the number of the command that comes next.
func (b *Board) again(now time.Duration, why string) { b.answer(now, b.next, reply{"again", why}) }

// runCommand runs NAME=VALUE.
func (b *Board) runCommand(text string) reply {
	name, value, isCommand := strings.Cut(text, "=")
	command, found := b.sketch.command(name)
	if !isCommand || !found {
		return reply{"no", "no such command"}
	}
	value, taken := check(command, value)
	if !taken {
		return reply{"no", "takes " + protocol.FormatCommand(command)}
	}
	if b.sketch.Run == nil {
		return reply{"ok", ""}
	}
	words, ok := b.sketch.Run(name, value)
	if !ok {
		return reply{"no", words}
	}
	return reply{"ok", words}
}

// check returns a value in its canonical form. ok is false if the command does not
// take it. A board does not look for control characters, as the gateway does.
func check(c device.Command, value string) (canonical string, ok bool) {
	switch c.Type {
	case device.Text:
		return value, len(value) <= cmp.Or(c.MaxLength, device.DefaultMaxLength)
	case device.Bool:
		value = toLower(value)
	}
	_, canonical, err := c.Encode(value)
	return canonical, err == nil
}

// toLower sets the bit of lower case in every byte, which digits already have.
func toLower(text string) string {
	lower := []byte(text)
	for i := range lower {
		lower[i] |= 0x20
	}
	return string(lower)
}
