package serialbridge

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// linePause is a pause of the wire that occurs mostly between lines: what comes after it
// probably begins a line, and Handler.FirstLine gets it. Without it a board that prints
// every ten minutes would lose its first reading as a possible half line.
const linePause = time.Second

// runSession reads an open port until it is lost, abandoned or ctx is cancelled,
// and closes it. The error is the reason; nil is cancelled.
//
// Closing the port of the library would end a blocked Read, but that Read may
// then go on with a descriptor number that belongs to another file now.
// Therefore the reader itself closes, after its last Read. It is interrupted
// when it has to end. If that is not possible, it checks at least every
// timing.poll.
func (p *Port) runSession(ctx context.Context, l *link, path string, opened time.Time, begin startup) error {
	s := &session{ctx: ctx, port: p, link: l, path: path, begin: begin, at: opened, lastRead: opened}
	s.onLine = s.line
	p.frames.Overlong = func(bytes int) { p.handler.Overlong(s.at, bytes) }
	s.boot(opened)
	p.noNewline.opened()
	p.watchdog.opened(opened, begin)
	p.stats.opens.Add(1)
	p.clearProblem()
	p.stats.path.Store(&path)
	p.handler.Opened(opened)

	open, closing := context.WithCancel(ctx)
	var looking sync.WaitGroup
	looking.Go(func() { p.warnOfOthers(open, path, opened) })
	stop := context.AfterFunc(ctx, func() { interrupt(l.raw) })
	err := s.read()
	stop()
	closing()
	looking.Wait()

	p.gate.set(nil)
	l.close(err)
	p.handler.Closed(time.Now(), err)
	return err
}

// warnOfOthers logs that another program reads an open port, too. Lines do not wait
// for it.
func (p *Port) warnOfOthers(ctx context.Context, path string, opened time.Time) {
	if other := otherOwner(ctx, path, opened); other != "" {
		p.log.Warn("another program reads this port too, and each gets part of the lines",
			"program", other, "hint", "stop it: a port has one reader")
	}
}

// session is one opening of the port, from Opened to Closed.
type session struct {
	ctx      context.Context
	port     *Port
	link     *link
	path     string // of the port that was opened
	begin    startup
	settled  time.Time     // input from before it is from before the reset of the board
	booted   time.Time     // when a silent board counts as booted
	ready    bool          // the boot is over
	reported bool          // the handler knows that the board is ready
	stale    bool          // the port must be opened at another rate
	gotLine  bool          // this chunk completed a line
	unsure   bool          // the next line may be the end of one that began before the port was opened
	at       time.Time     // when the last chunk was read, or a read ended without one
	lastRead time.Time     // when the last chunk was read; at first, when the port was opened
	chunks   uint64        // read so far
	timeout  time.Duration // the read timeout that is set on the port
	onLine   func([]byte)  // line, bound once
	held     []heldLine    // from a search, at the rate of now
}

// read is the loop of the one goroutine that reads.
func (s *session) read() error {
	chunk := s.chunk
	s.checkBoot() // the boot may take no time
	for s.keepsReading() && !s.stale {
		if err := s.arm(); err != nil {
			return fmt.Errorf("%w: %w", errUnplugged, err)
		}
		before, chunks := s.at, s.chunks
		err := follow(s.link.raw, s.port.buffer, chunk)
		if err != nil {
			return fmt.Errorf("%w: %w", errUnplugged, err)
		}
		if s.chunks > chunks {
			continue
		}
		s.at = time.Now()
		if s.at.Sub(before) < s.timeout/2 && s.keepsReading() {
			// A timeout takes its time. A driver that returns 0 at once does so
			// for ever.
			return fmt.Errorf("%w: empty read", errUnplugged)
		}
		s.port.handler.EndOfRead(s.at)
		s.noteQuiet()
		s.checkBoot()
		s.retune()
		s.runWatchdog()
	}
	if s.ctx.Err() != nil {
		return nil
	}
	if err := s.link.failure(); err != nil {
		return err // a writer abandoned the port
	}
	return errRetuned
}

// keepsReading reports whether the loop goes on.
func (s *session) keepsReading() bool {
	return s.ctx.Err() == nil && s.link.failure() == nil
}

// chunk handles the n bytes of one read. s.at is set once a chunk: the time of a
// line is when its end was read, not when the line is handled.
func (s *session) chunk(n int) (more bool) {
	s.at = time.Now()
	if s.at.Sub(s.lastRead) >= linePause && s.port.frames.Begin() {
		s.unsure = !s.begin.canReset
	}
	s.lastRead = s.at
	s.chunks++
	if p := s.port.buffer[:n]; s.at.Before(s.settled) || !s.weigh(p) {
		s.port.frames.Skip(n)
		s.unsure = false
		s.port.noNewline.opened()
	} else {
		s.port.frames.Feed(p, s.onLine)
	}
	s.port.handler.EndOfRead(s.at)
	counts := s.port.frames.Counts()
	s.port.stats.read(n, counts)
	s.logNoNewline()
	s.checkBoot()
	if s.gotLine && s.port.watchdog.limit > 0 {
		s.lineHeard()
	}
	s.gotLine = false
	s.retune()
	s.runWatchdog()
	return s.keepsReading() && !s.stale
}

// logNoNewline logs text without line endings. The baud search logs noise.
func (s *session) logNoNewline() {
	if s.port.search.noisy() {
		return
	}
	bytes, endings := s.port.frames.Unended()
	if s.port.noNewline.due(bytes, endings, s.at) {
		s.port.log.Warn("bytes without a line ending", "bytes", bytes,
			"hint", "end each line as Serial.println does")
	}
}

// boot begins the boot, at an open and at a reset.
func (s *session) boot(at time.Time) {
	s.port.frames.Reset()
	s.held, s.unsure = nil, false
	s.settled, s.booted, s.ready = at.Add(s.begin.settle), at.Add(s.begin.boot), false
}

// checkBoot ends the boot of a board that prints no line.
func (s *session) checkBoot() {
	if !s.ready && !s.at.Before(s.booted) {
		s.becomeReady()
	}
}

// arm sets the read timeout. It is shorter if the boot of a silent board or a
// step of the watchdog is due sooner.
func (s *session) arm() error {
	timeout := s.port.times.poll
	if !s.ready {
		timeout = min(timeout, max(s.booted.Sub(s.at), time.Millisecond))
	}
	if s.port.watchdog.limit > 0 {
		timeout = min(timeout, max(s.port.watchdog.next.Sub(s.at), time.Millisecond))
	}
	if timeout == s.timeout {
		return nil
	}
	s.timeout = timeout
	return s.link.raw.SetReadTimeout(timeout)
}

func (s *session) line(text []byte) {
	unsure := s.unsure
	s.unsure = false
	if s.port.search.reads() {
		s.deliver(text, unsure)
	} else {
		s.hold(text, unsure)
	}
}

// deliver passes a line to the handler, as read at s.at. unsure: its beginning may be
// missing.
func (s *session) deliver(text []byte, unsure bool) {
	if !s.ready {
		if isBootOutput(text) {
			s.port.stats.bootLines.Add(1)
			return
		}
		s.becomeReady()
	}
	if !s.reported && s.port.watchdog.proves(s.at) {
		s.reportReady()
	}
	s.gotLine = true
	if unsure {
		s.port.handler.FirstLine(s.at, text)
	} else {
		s.port.handler.Line(s.at, text)
	}
}

// pathField returns the path as a log field, unless it is the name of the port.
func (s *session) pathField() []any {
	if s.path == s.port.options.Port {
		return nil
	}
	return []any{"path", s.path}
}

// becomeReady calls the handler first, so that no command comes before Ready.
// With Options.Silence only a line shows that the board works; commands are
// written before all the same.
func (s *session) becomeReady() {
	s.ready = true
	if s.port.watchdog.limit == 0 && !s.reported {
		s.reportReady()
	}
	s.openGate()
	if due, _ := s.port.logs.due(stateReady, s.at); due {
		s.port.log.Info("port "+stateReady, s.pathField()...)
	}
}

func (s *session) reportReady() {
	s.reported = true
	s.port.handler.Ready(s.at)
}
