package simulator

import (
	"cmp"
	"time"

	"arduino-gateway/simulator/firmware"
)

const (
	bufferSize = firmware.Input

	// inputTimeout is how long a sketch with Serial.readString waits for the
	// rest of a line, newline or not.
	inputTimeout = time.Second

	// inputLine bounds a line that never ends; the sketch reads it in pieces.
	inputLine = 1024
)

// input is the receiving side of the board.
type input struct {
	unread  []byte // in the ring buffer, while the sketch is busy
	line    []byte // read by the sketch, without its end so far
	last    time.Duration
	lost    uint64 // bytes that overflowed, or came while the board was booting
	keep    func(line string)
	respond func(line []byte)
}

func (in *input) clear() { in.unread, in.line = nil, nil }

// timeout returns when the sketch stops waiting for the rest of a line.
func (in *input) timeout() time.Duration {
	if len(in.line) == 0 {
		return never
	}
	return in.last + inputTimeout
}

// feed handles bytes as the sketch reads them. CR, LF and both end a line; CR
// LF ends only one.
func (in *input) feed(now time.Duration, data []byte) {
	in.last = now
	for _, b := range data {
		switch {
		case b == '\n' || b == '\r':
			in.finish()
		default:
			if in.line = append(in.line, b); len(in.line) >= inputLine {
				in.finish()
			}
		}
	}
}

func (in *input) finish() {
	if len(in.line) == 0 {
		return
	}
	in.keep(string(in.line))
	in.respond(in.line)
	in.line = in.line[:0]
}

// receive handles bytes from the wire.
func (s *sketch) receive(now time.Duration, data []byte) {
	if s.active(Noise) {
		s.in.damage(data)
	}
	switch {
	case !s.powered || s.booting:
		s.input.lost += uint64(len(data))
	case s.library != nil:
		s.serve(now, data)
	case s.mute():
		room := min(bufferSize-len(s.input.unread), len(data))
		s.input.unread = append(s.input.unread, data[:room]...)
		s.input.lost += uint64(len(data) - room)
	default:
		s.input.feed(now, data)
	}
}

// readBuffered lets the sketch read what the ring buffer holds.
func (s *sketch) readBuffered(now time.Duration) {
	if s.powered && !s.booting && !s.mute() && s.library == nil { // the library has its own ring buffer
		unread := s.input.unread
		s.input.unread = nil
		s.input.feed(now, unread)
	}
}

func (s *sketch) readTimeout(time.Duration) action {
	s.input.finish()
	return action{}
}

// runLine runs the command on a received line.
func (s *sketch) runLine(line []byte) {
	for _, c := range s.spec.Commands {
		if value, ok := c.match(line); ok {
			s.queueReply(s.run(c, value))
			return
		}
	}
	s.queueReply(s.fill(s.spec.Unknown, string(line)))
}

// run runs a command and returns the reply.
func (s *sketch) run(c Command, value string) (reply string) {
	s.ran++
	if v := s.vars.find(c.Set); v != nil {
		v.Value = s.fill(cmp.Or(c.To, "{value}"), value)
	}
	return s.fill(c.Reply, value)
}

func (s *sketch) fill(text, value string) string {
	return fill(text, func(name string) string {
		if name == "value" {
			return value
		}
		return s.lookup(name)
	})
}

// lookup returns a variable, or a signal as it was last printed.
func (s *sketch) lookup(name string) string {
	if s.vars.has(name) {
		return s.vars.get(name)
	}
	return string(s.printer.appendValue(nil, part{name: name}, max(s.tick-1, 0), s.vars))
}

func (s *sketch) queueReply(text string) {
	if text != "" && len(s.replies) < maxReplies {
		s.replies = append(s.replies, text)
	}
}

func (s *sketch) reply(time.Duration) action {
	s.buffer = s.buffer[:0]
	for _, text := range s.replies {
		s.putLine(text)
	}
	s.replies = s.replies[:0]
	return s.printed()
}
