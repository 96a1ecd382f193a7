// Package boardtest has a model of a board that confirms commands, for tests
// that hold time still: docs/protocol.md's other end, with the 63 bytes of input
// of an AVR. It stands in for the library, which runs on the simulated chip in
// the tests of cmd/gateway.
package boardtest

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"arduino-gateway/internal/protocol"
)

// Board takes the command run=N, or run=N and the letters x; a multiple of seven
// is refused. It is not for concurrent use.
type Board struct {
	Print func(line string) // takes what it prints, without the ending
	Busy  time.Time         // its loop does something else until then
	Ran   map[int]int       // how often each N was run
	Order []int             // in which

	input   []byte // what the buffer holds
	line    []byte
	over    bool // the line is too long
	taken   uint16
	session uint16
	last    uint16
	answers map[uint16]string // of the last four
}

// New makes a board that has no power yet: it wants a Reset.
func New(print func(line string)) *Board { return &Board{Print: print, Ran: map[int]int{}} }

// Reset forgets what is in RAM, and says hello.
func (b *Board) Reset() {
	b.input, b.line, b.over, b.taken = nil, nil, false, 0
	b.session, b.last, b.answers = 0, 0, map[uint16]string{}
	b.hello()
}

// Say prints a line with its checksum.
func (b *Board) Say(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	b.Print(fmt.Sprintf("%s ~%04X", text, protocol.Sum([]byte(text))))
}

func (b *Board) hello() {
	b.Say("!hello model protocol=1 library=0.0 parts=2")
	b.Say("!reading 1/2 n")
	b.Say("!command 2/2 run int")
	b.State()
}

// State prints where the board stands, as it does every ten seconds.
func (b *Board) State() {
	b.Say("!state session=%04X last=%d input=63 taken=%d", b.session, b.last, b.taken)
}

// Receive takes a byte off the wire, or loses it.
func (b *Board) Receive(c byte) {
	if len(b.input) < 63 {
		b.input = append(b.input, c)
	}
}

// Loop is what the sketch does when it is not busy.
func (b *Board) Loop(now time.Time) {
	for len(b.input) > 0 && !now.Before(b.Busy) {
		c := b.input[0]
		b.input = b.input[1:]
		b.taken++
		switch {
		case c != '\n' && c != '\r':
			b.over = b.over || len(b.line) == protocol.MaxLine
			if !b.over {
				b.line = append(b.line, c)
			}
			continue
		case b.over:
			b.again()
		case len(b.line) > 0:
			b.take(string(b.line))
		}
		b.line, b.over = nil, false
	}
}

func (b *Board) take(line string) {
	l := protocol.Parse([]byte(line))
	text := string(l.Text)
	switch {
	case line == "?":
		b.session = 0
		b.hello()
	case l.Check != protocol.Right:
		b.again()
	case text == "?":
		b.hello()
	case text[0] == '?':
		b.begin(text[1:])
	case text[0] == '#':
		b.number(text[1:])
	default:
		b.again()
	}
}

func (b *Board) begin(hex string) {
	if s, err := strconv.ParseUint(hex, 16, 16); err == nil && uint16(s) != b.session {
		b.session, b.last, b.answers = uint16(s), 0, map[uint16]string{}
	}
	b.State()
}

func (b *Board) again() {
	next := uint16(0)
	if b.session != 0 {
		next = b.last + 1
	}
	b.Say("!again %d taken=%d damaged", next, b.taken)
}

func (b *Board) number(text string) {
	digits, command, _ := strings.Cut(text, " ")
	n64, _ := strconv.ParseUint(digits, 10, 16)
	n := uint16(n64)
	switch answer, known := b.answers[n]; {
	case b.session == 0:
		b.again()
	case n == b.last+1:
		b.last = n
		b.answers[n] = b.run(command)
		delete(b.answers, n-4)
		b.answer(n, b.answers[n])
	case known:
		b.answer(n, answer)
	default:
		b.again()
	}
}

func (b *Board) answer(n uint16, answer string) {
	word, text, _ := strings.Cut(answer, " ")
	b.Say("%s", strings.TrimRight(fmt.Sprintf("!%s %d taken=%d %s", word, n, b.taken, text), " "))
}

func (b *Board) run(command string) string {
	digits := strings.TrimRight(strings.TrimPrefix(command, "run="), "x")
	n, err := strconv.Atoi(digits)
	if err != nil || n%7 == 0 {
		return "no sevens"
	}
	b.Ran[n]++
	b.Order = append(b.Order, n)
	return "ok ran " + digits
}
