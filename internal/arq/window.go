package arq

import (
	"slices"
	"time"

	"arduino-gateway/internal/protocol"
)

// size bounds the numbers in flight, counted from the oldest without an answer: a board
// remembers its last four answers.
const size = 4

// flight is a command with its number.
type flight struct {
	Command
	out   bool      // it was sent; such commands come before those that were not
	times int       // how often it was sent in this phase
	at    time.Time // when it was sent last
	turn  uint64    // the place of its line among all lines sent
	end   uint16    // of its first copy, for the credit
	lost  bool      // its answer is lost: send the line again
}

// window holds the commands in flight in the order of their numbers, and the outcomes of
// those that have ended.
type window struct {
	flights  []flight
	last     uint16 // the number assigned last
	cursor   int    // in phase open, the flights before it are sent
	again    bool   // send all flights again, when everything sent is answered
	outcomes []Outcome
	returned bool // outcomes were returned, and are used again
}

func (w *window) resume(sent []Command) {
	for _, c := range sent {
		w.flights = append(w.flights, flight{Command: c, out: true})
	}
}

func (w *window) busy() bool { return len(w.flights) > 0 }

func (w *window) room() bool {
	covered := !w.busy() || w.last+1-w.flights[0].Number < size
	return covered && w.last < protocol.MaxNumber
}

func (w *window) put(c Command) {
	w.last++
	c.Number = w.last
	w.flights = append(w.flights, flight{Command: c})
}

// restart forgets, at the begin of a phase, how often commands were sent.
func (w *window) restart() {
	w.again = false
	for i := range w.flights {
		w.flights[i].times, w.flights[i].lost = 0, false
	}
}

// find returns the index of a command that was sent, or -1.
func (w *window) find(number uint16) int {
	return slices.IndexFunc(w.flights, func(f flight) bool { return f.Number == number && f.out })
}

// next returns the index of the command to send, or -1.
func (w *window) next() int {
	if w.again {
		return -1
	}
	for i := range w.flights[:w.cursor] {
		if w.flights[i].lost {
			return i
		}
	}
	if w.cursor < len(w.flights) {
		return w.cursor
	}
	return -1
}

// missed marks the answers to lines sent before this one as lost, for the i-th command
// was answered.
func (w *window) missed(i int, turn uint64) {
	for j := range w.flights[:i] {
		f := &w.flights[j]
		f.lost = f.lost || f.turn < turn
	}
}

// finish removes the i-th command.
func (w *window) finish(i int, fate Fate, text string) {
	if w.returned {
		w.outcomes, w.returned = w.outcomes[:0], false
	}
	w.outcomes = append(w.outcomes, Outcome{w.flights[i].ID, fate, text})
	w.flights = slices.Delete(w.flights, i, i+1)
	if i < w.cursor {
		w.cursor--
	}
}

// ended returns the outcomes since the last call.
func (w *window) ended() []Outcome {
	if w.returned {
		return nil
	}
	w.returned = true
	return w.outcomes
}

// recall returns the commands that were not sent.
func (w *window) recall() {
	i := 0
	for i < len(w.flights) && w.flights[i].out {
		i++
	}
	w.back(i)
}

// back returns the commands from the i-th on, which have not run.
func (w *window) back(i int) {
	if i < len(w.flights) {
		w.last = w.flights[i].Number - 1
	}
	for i < len(w.flights) {
		w.finish(i, Back, "")
	}
}

// abandon ends all commands. Those that were sent may have run; why says why that is
// unknown.
func (w *window) abandon(why string) {
	for w.busy() && w.flights[0].out {
		w.finish(0, Unknown, why)
	}
	w.back(0)
}
