package arq

import (
	"time"

	"arduino-gateway/internal/protocol"
)

// An answer may take minPatience before its line is sent again, or twice the longest
// time that this board has taken, up to maxPatience.
const (
	minPatience = time.Second
	maxPatience = 5 * time.Second
)

// link is the way to the board and back: what is on it, and how long an answer takes.
type link struct {
	credit  protocol.Credit
	owed    int       // answers that have not come
	sent    uint64    // lines of commands
	heard   time.Time // when the last answer came
	slowest time.Duration
}

// patience is how long to wait for an answer.
func (l *link) patience() time.Duration {
	return min(max(minPatience, 2*l.slowest), maxPatience)
}

// quiet reports that no line is on its way to the board. A few bytes that the wire lost
// are less than a line.
func (l *link) quiet() bool {
	const shortest = len("#1 a=b ~0000\n")
	return l.owed == 0 || l.credit.Ahead() < shortest
}

// fits reports whether n more bytes fit into the board's input buffer.
func (l *link) fits(n int) bool { return l.owed == 0 || l.credit.Room() >= n }

// reset assumes that the board's input buffer is empty: no answer would report more room.
func (l *link) reset() {
	l.credit.Empty()
	l.owed = 0
}

func (l *link) answer(now time.Time) {
	l.owed = max(0, l.owed-1)
	l.heard = now
}

// write counts a line of n bytes.
func (l *link) write(now time.Time, f *flight, n int) {
	end := l.credit.Sent(n)
	if f.times == 0 {
		f.end = end
	}
	l.sent++
	l.owed++
	f.times++
	f.at, f.turn, f.lost = now, l.sent, false
}

// inquiry is a line that is repeated until the board answers it.
type inquiry struct {
	tries   int       // how often it was sent
	asked   time.Time // when it was sent last, or a line of a hello came
	greeted bool      // the answer has begun
}

// due is when to send the line; the zero time is at once. The interval grows if a board
// answers nothing, or never with a complete hello.
func (q *inquiry) due(patience time.Duration) time.Time {
	switch {
	case q.asked.IsZero():
		return time.Time{}
	case q.tries > 10:
		return q.asked.Add(10 * minPatience)
	}
	return q.asked.Add(patience)
}
