package arq

import (
	"time"

	"arduino-gateway/internal/protocol"
)

// Next tells what to do now.
func (x *Exchange) Next(now time.Time) Step {
	x.expire(now)
	switch x.phase {
	case asking:
		return x.inquire(now, protocol.AppendAsk)
	case beginning:
		return x.inquire(now, func(dst []byte) []byte { return protocol.AppendSession(dst, x.session) })
	case fetching:
		return x.fetch(now)
	case open:
		return x.command(now)
	default:
		return x.wait(time.Time{})
	}
}

// wait for what is due first: the time given, or the end of a command's time.
func (x *Exchange) wait(until time.Time) Step {
	for _, f := range x.flying {
		if end := x.end(f); until.IsZero() || end.Before(until) {
			until = end
		}
	}
	return Step{Until: until}
}

// end is when something is to be decided about a command: in a session the
// board is asked first.
func (x *Exchange) end(f flight) time.Time {
	if x.phase == open {
		return f.Expires
	}
	return f.Expires.Add(Grace)
}

// expire gives up on what is out of time.
func (x *Exchange) expire(now time.Time) {
	for i := 0; i < len(x.flying); {
		switch {
		case now.Before(x.end(x.flying[i])):
			i++
		case x.phase == open:
			x.late(i)
		default:
			x.finish(i, Unknown, noAnswer)
		}
	}
	if x.phase == fetching && len(x.flying) == 0 {
		x.proceed()
	}
}

// late ends the session over a command that was sent; another comes back, and
// with it those behind it.
func (x *Exchange) late(i int) {
	if x.flying[i].out {
		x.ask()
	} else {
		x.back(i)
	}
}

// inquire sends the line of a phase that asks, and repeats it.
func (x *Exchange) inquire(now time.Time, line func(dst []byte) []byte) Step {
	if due := x.asked.Add(x.interval()); !x.asked.IsZero() && now.Before(due) {
		return x.wait(due)
	}
	x.asked = now
	x.tries++
	x.line = line(protocol.AppendEnding(x.line[:0]))
	return Step{Write: x.line}
}

// interval grows where a board answers nothing, or never with a whole hello.
func (x *Exchange) interval() time.Duration {
	if x.tries > 10 {
		return 10 * patience
	}
	return x.patience()
}

// patience is how long to wait for an answer.
func (x *Exchange) patience() time.Duration {
	return min(max(patience, 2*x.slowest), longest)
}

// fetch repeats what the board has taken, the oldest first, until it is answered.
func (x *Exchange) fetch(now time.Time) Step {
	f := &x.flying[0]
	if due := f.at.Add(x.patience()); f.times > 0 && !x.again && now.Before(due) {
		return x.wait(due)
	}
	x.again = false
	return x.send(now, f, true)
}

// command sends the next command, or what is to be sent again.
func (x *Exchange) command(now time.Time) Step {
	if len(x.flying) == 0 {
		return x.idle(now)
	}
	silent := !now.Before(x.due())
	if silent || x.owed == 0 {
		x.credit.Empty() // nothing would tell of more room
		x.owed = 0
	}
	if x.again && x.allTaken() {
		x.again, x.cursor, x.owed = false, 0, 0
	} else if silent && x.cursor > 0 {
		x.flying[0].lost = true
	}
	i := x.next()
	if i < 0 {
		return x.wait(x.due())
	}
	f := &x.flying[i]
	repeat := f.times > 0
	if x.owed > 0 && x.credit.Room() < len(x.encode(f, repeat)) {
		return x.wait(x.due())
	}
	x.cursor = max(x.cursor, i+1)
	return x.send(now, f, repeat)
}

// next is the place of the command to send, or -1.
func (x *Exchange) next() int {
	if x.again {
		return -1
	}
	for i, f := range x.flying[:x.cursor] {
		if f.lost {
			return i
		}
	}
	if x.cursor < len(x.flying) {
		return x.cursor
	}
	return -1
}

// allTaken tells that no line is on its way to the board. A few bytes that the
// wire lost are not one.
func (x *Exchange) allTaken() bool {
	const shortest = len("#1 a=b ~0000\n")
	return x.owed == 0 || x.credit.Ahead() < shortest
}

// idle has nothing to send, but that a session's numbers may be at their end.
func (x *Exchange) idle(now time.Time) Step {
	if x.last < protocol.MaxNumber {
		return Step{}
	}
	x.enter(beginning)
	return x.Next(now)
}

// due is when an answer should have come, were the oldest sent.
func (x *Exchange) due() time.Time {
	since := x.heard
	if at := x.flying[0].at; x.cursor > 0 && at.After(since) {
		since = at
	}
	return since.Add(x.patience())
}

// encode gives a command's line, behind an empty line where what was sent
// before may lack its ending.
func (x *Exchange) encode(f *flight, ending bool) []byte {
	x.line = x.line[:0]
	if ending {
		x.line = protocol.AppendEnding(x.line)
	}
	x.line, _ = protocol.AppendCommand(x.line, f.Number, f.Text) // it has passed Check
	return x.line
}

func (x *Exchange) send(now time.Time, f *flight, ending bool) Step {
	step := Step{Write: x.encode(f, ending)}
	if !f.out {
		f.out = true
		sent := f.Sent
		step.First = &sent
	}
	end := x.credit.Sent(len(step.Write))
	if f.times == 0 {
		f.end = end
	}
	f.times++
	f.at, f.lost = now, false
	x.sent++
	f.turn = x.sent
	x.owed++
	return step
}
