package firmware

import (
	"fmt"
	"strings"
	"time"

	"arduino-gateway/internal/protocol"
)

const (
	// Input is how many bytes fit into the input buffer of an AVR: 64, of which
	// one is unused to distinguish full from empty. Further bytes are lost.
	Input = 63

	// Silence is the longest time that a board prints nothing.
	Silence = 10 * time.Second

	// Output is how many bytes a line from the board has, without its checksum.
	Output = 80

	rememberedReplies = 4 // replies

	noSession = "0000"
)

// Board is a board with its sketch. Times count from its start. It is not for
// concurrent use.
type Board struct {
	Print func(line string) // receives each printed line, without the ending

	sketch   Sketch
	input    []byte // not yet read
	line     []byte // a line whose end was not read yet
	overlong bool
	taken    uint16
	dropped  uint16                   // lines
	session  string                   // four bytes, chosen by the gateway
	next     uint16                   // the number of the command that comes next; 0 outside a session
	replies  [rememberedReplies]reply // to a command, at its number modulo rememberedReplies
	printed  time.Duration            // when the board last printed
}

// reply is "ok", "no" or "again", with words that may be empty.
type reply struct{ word, words string }

// New returns a board without power: call Reset.
func New(sketch Sketch, print func(line string)) *Board {
	return &Board{Print: print, sketch: sketch, session: noSession}
}

// Reset clears the RAM and sends the hello, as each boot does.
func (b *Board) Reset(now time.Duration) {
	*b = *New(b.sketch, b.Print)
	b.hello(now)
}

// Receive puts a byte from the wire into the input buffer. ok is false if it is
// lost.
func (b *Board) Receive(c byte) (ok bool) {
	if len(b.input) == Input {
		return false
	}
	b.input = append(b.input, c)
	return true
}

// Loop is what the sketch calls while it is not busy: it runs the received
// commands, and sends its state when that is due.
func (b *Board) Loop(now time.Duration) {
	for _, c := range b.input {
		b.taken++
		b.readByte(now, c)
	}
	b.input = b.input[:0]
	if now >= b.printed+Silence {
		b.state(now)
	}
}

// Due returns when Loop has something to do; that may be in the past.
func (b *Board) Due() time.Duration {
	if len(b.input) > 0 {
		return 0
	}
	return b.printed + Silence
}

// Println prints a line of the sketch, such as "temperature=23.50,light=511".
func (b *Board) Println(now time.Duration, text string) {
	if line := b.AppendChecksum(now, []byte(text), 0); len(line) > 0 {
		b.Print(string(line))
	}
}

// AppendChecksum returns dst with a checksum after the line that starts at
// start. It is Println for a caller that prints the line itself. Control characters
// become underscores. A line that is too long is dropped and counted: then dst ends
// at start.
func (b *Board) AppendChecksum(now time.Duration, dst []byte, start int) []byte {
	b.printed = now
	if len(dst)-start > Output {
		b.dropped++
		return dst[:start]
	}
	for i, c := range dst[start:] {
		if c < ' ' || c == 0x7f {
			dst[start+i] = '_'
		}
	}
	return appendSum(dst, start)
}

func appendSum(dst []byte, start int) []byte {
	return fmt.Appendf(dst, " ~%04X", protocol.Sum(dst[start:]))
}

// say prints a line of the protocol. Of a line that is too long it leaves out the words
// from the last space that fits.
func (b *Board) say(now time.Duration, line string) {
	if len(line) > Output {
		line = line[:strings.LastIndexByte(line[:Output], ' ')]
	}
	b.printed = now
	b.Print(string(appendSum([]byte(line), 0)))
}

func (b *Board) hello(now time.Duration) {
	parts := len(b.sketch.Readings) + len(b.sketch.Commands)
	b.say(now, fmt.Sprintf("!hello %s protocol=%d library=%s parts=%d output=%d", b.sketch.ID, protocol.Version, Library, parts, Output))
	part := 0
	tell := func(kind, text string) {
		part++
		b.say(now, fmt.Sprintf("!%s %d/%d %s", kind, part, parts, text))
	}
	for _, r := range b.sketch.Readings {
		tell("reading", joinWords(r.Name, r.Unit))
	}
	for _, c := range b.sketch.Commands {
		tell("command", joinWords(c.Name, protocol.FormatCommand(c)))
	}
	b.state(now)
}

func (b *Board) state(now time.Duration) {
	last := max(b.next, 1) - 1
	b.say(now, fmt.Sprintf("!state session=%s last=%d input=%d taken=%d dropped=%d", b.session, last, Input, b.taken, b.dropped))
}

func (b *Board) answer(now time.Duration, number uint16, r reply) {
	b.say(now, joinWords(fmt.Sprintf("!%s %d taken=%d", r.word, number, b.taken), r.words))
}

// joinWords returns text and more, with a space between them unless more is
// empty.
func joinWords(text, more string) string {
	if more == "" {
		return text
	}
	return text + " " + more
}
