package serialbridge

import (
	"context"
	"fmt"
	"time"
)

// use reads an open port until it is lost, abandoned or ctx is cancelled, and
// closes it. The error says why it ended; nil is cancelled.
//
// Closing the library's port would end a blocked Read, but that Read may then
// go on with a descriptor number that belongs to another file by now. Here the
// reader itself closes, after its last Read, and looks at least every
// timing.poll whether it should.
func (p *Port) use(ctx context.Context, l *link, opened time.Time) error {
	p.frames.Reset()
	p.stats.opens.Add(1)
	p.handler.Opened(opened)

	s := &session{port: p, link: l, booted: opened.Add(p.times.boot)}
	err := s.read(ctx, opened)

	p.gate.set(nil)
	l.close(err)
	p.handler.Closed(time.Now(), err)
	return err
}

// session is one opening of the port, from Opened to Closed.
type session struct {
	port    *Port
	link    *link
	booted  time.Time     // when a silent board counts as booted
	ready   bool          // the handler knows that the boot is over
	at      time.Time     // when the chunk in hand was read
	timeout time.Duration // what the port's read timeout is set to
}

// read is the loop of the one goroutine that reads. s.at is stamped once a
// chunk: a line's time is when its end was read, not when its turn came.
func (s *session) read(ctx context.Context, opened time.Time) error {
	s.at = opened
	line := s.line
	for {
		if ctx.Err() != nil {
			return nil
		}
		if err := s.link.failure(); err != nil {
			return err // a writer gave the port up
		}
		if err := s.arm(); err != nil {
			return fmt.Errorf("%w: %w", errUnplugged, err)
		}
		n, err := s.link.raw.Read(s.port.buffer)
		before := s.at
		s.at = time.Now()
		if n > 0 {
			s.port.frames.Feed(s.port.buffer[:n], line)
			s.port.stats.read(n, s.port.frames.Counts())
		}
		if err != nil {
			return fmt.Errorf("%w: %w", errUnplugged, err)
		}
		if n == 0 && s.at.Sub(before) < s.timeout/2 {
			// A timeout takes its time: a driver that says 0 at once says it for ever.
			return fmt.Errorf("%w: empty read", errUnplugged)
		}
		if !s.ready && !s.at.Before(s.booted) {
			s.becomeReady()
		}
	}
}

// arm sets the read timeout: shorter while a silent board's boot is waited for.
func (s *session) arm() error {
	timeout := s.port.times.poll
	if !s.ready {
		timeout = min(timeout, max(s.booted.Sub(s.at), time.Millisecond))
	}
	if timeout == s.timeout {
		return nil
	}
	s.timeout = timeout
	return s.link.raw.SetReadTimeout(timeout)
}

func (s *session) line(text []byte) {
	if !s.ready {
		s.becomeReady()
	}
	s.port.handler.Line(s.at, text)
}

// becomeReady tells the handler first, so that no command overtakes the news.
func (s *session) becomeReady() {
	s.ready = true
	s.port.handler.Ready(s.at)
	s.port.gate.set(s.link)
	if due, _ := s.port.notices.due(stateReady, s.at); due {
		s.port.log.Info("port " + stateReady)
	}
}
