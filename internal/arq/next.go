package arq

import (
	"time"

	"arduino-gateway/internal/protocol"
)

// Next returns what to do now.
func (m *Machine) Next(now time.Time) Step {
	m.expire(now)
	switch m.phase {
	case asking:
		return m.inquire(now, protocol.AppendAsk)
	case beginning:
		return m.inquire(now, func(dst []byte) []byte { return protocol.AppendSession(dst, m.session) })
	case fetching:
		return m.fetch(now)
	case open:
		return m.command(now)
	default:
		return m.wait(time.Time{})
	}
}

// wait waits for the time given or for the end of a command, whichever comes first.
func (m *Machine) wait(until time.Time) Step {
	for i := range m.window.flights {
		if end := m.end(&m.window.flights[i]); until.IsZero() || end.Before(until) {
			until = end
		}
	}
	return Step{Until: until}
}

// end is when the machine gives up on a command. Within a session it asks the board
// first.
func (m *Machine) end(f *flight) time.Time {
	if m.phase == open {
		return f.Expires
	}
	return f.Expires.Add(Grace)
}

func (m *Machine) expire(now time.Time) {
	w := &m.window
	for i := 0; i < len(w.flights); {
		switch {
		case now.Before(m.end(&w.flights[i])):
			i++
		case m.phase == open:
			m.late(i)
		default:
			w.finish(i, Unknown, noAnswer)
		}
	}
	if m.phase == fetching && !w.busy() {
		m.proceed()
	}
}

// late leaves the session to ask about an expired command that was sent. A command that
// was not sent comes back, with those behind it.
func (m *Machine) late(i int) {
	if m.window.flights[i].out {
		m.ask()
	} else {
		m.window.back(i)
	}
}

// inquire sends the line of a phase that asks, and repeats it.
func (m *Machine) inquire(now time.Time, line func(dst []byte) []byte) Step {
	if due := m.inquiry.due(m.link.patience()); now.Before(due) {
		return m.wait(due)
	}
	m.inquiry.asked = now
	m.inquiry.tries++
	m.line = line(protocol.AppendEnding(m.line[:0]))
	return Step{Write: m.line}
}

// fetch repeats the oldest command that the board has taken, until it is answered.
func (m *Machine) fetch(now time.Time) Step {
	f := &m.window.flights[0]
	if due := f.at.Add(m.link.patience()); f.times > 0 && !m.window.again && now.Before(due) {
		return m.wait(due)
	}
	m.window.again = false
	return m.send(now, f, true)
}

// command sends the next command, or one that must be sent again.
func (m *Machine) command(now time.Time) Step {
	w := &m.window
	if !w.busy() {
		return m.idle(now)
	}
	silent := !now.Before(m.due())
	if silent || m.link.owed == 0 {
		m.link.reset()
	}
	if w.again && m.link.quiet() {
		w.again, w.cursor, m.link.owed = false, 0, 0
	} else if silent && w.cursor > 0 {
		w.flights[0].lost = true
	}
	i := w.next()
	if i < 0 {
		return m.wait(m.due())
	}
	f := &w.flights[i]
	repeat := f.times > 0
	if !m.link.fits(len(m.encode(f, repeat))) {
		return m.wait(m.due())
	}
	w.cursor = max(w.cursor, i+1)
	return m.send(now, f, repeat)
}

// idle begins a new session if the numbers of this one are used up.
func (m *Machine) idle(now time.Time) Step {
	if m.window.last < protocol.MaxNumber {
		return Step{}
	}
	m.enter(beginning)
	return m.Next(now)
}

// due is when the next answer is overdue.
func (m *Machine) due() time.Time {
	since := m.link.heard
	if at := m.window.flights[0].at; m.window.cursor > 0 && at.After(since) {
		since = at
	}
	return since.Add(m.link.patience())
}

// encode returns the line of a command. An empty line comes before it if the line sent
// before may lack its ending.
func (m *Machine) encode(f *flight, ending bool) []byte {
	m.line = m.line[:0]
	if ending {
		m.line = protocol.AppendEnding(m.line)
	}
	m.line, _ = protocol.AppendCommand(m.line, f.Number, f.Text) // Check has accepted it
	return m.line
}

func (m *Machine) send(now time.Time, f *flight, ending bool) Step {
	step := Step{Write: m.encode(f, ending)}
	if !f.out {
		f.out = true
		first := f.Command
		step.First = &first
	}
	m.link.write(now, f, len(step.Write))
	return step
}
