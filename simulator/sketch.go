package simulator

import (
	"math"
	"time"

	"arduino-gateway/simulator/firmware"
)

const never = time.Duration(math.MaxInt64)

// sketch is the board without its wire: its program, and its faults. It reads no
// clock and does no I/O: times are data, counted from the start of the board,
// and what to do is returned as an action. So a test runs an hour of it in a
// millisecond. It is not for concurrent use.
type sketch struct {
	spec    *Spec
	printer *printer
	vars    *state
	input   input
	library *firmware.Board // of a board with a hello, else nil
	buffer  []byte          // of the last action

	powered bool
	booting bool
	upAt    time.Duration // end of the boot
	flatAt  time.Duration // next line of a flat-out board
	tick    int64         // the next to be printed
	lines   int64         // printed by itself, without the banner
	ran     uint64        // commands
	resets  uint64

	faults  []Fault // At is the next time
	until   map[Do]time.Duration
	once    map[Do]bool   // ends with the next line
	flooded time.Duration // up to here the flood has been printed
	replies []string      // not yet printed
	out, in stream        // the noise in each direction
}

// action is what the board does now.
type action struct {
	do    actionKind
	print []byte // valid until the next call
}

type actionKind byte

const (
	nothing      actionKind = iota
	printing                // print
	updatingPort            // the port has to follow powered or Hang
)

// floodEvery is how long the bytes of a flood are gathered.
const floodEvery = 20 * time.Millisecond

// maxReplies bounds the replies that wait for a slow reader. Further ones are
// lost, since a board that cannot print cannot answer.
const maxReplies = 64

// newSketch powers a board on at time 0. keep receives each line that the board
// receives.
func newSketch(spec *Spec, keep func(line string)) *sketch {
	s := &sketch{
		spec: spec, printer: newPrinter(spec), vars: newState(spec.State),
		faults: append([]Fault(nil), spec.Faults...),
		until:  map[Do]time.Duration{}, once: map[Do]bool{},
		out: stream{seed: spec.Seed}, in: stream{seed: mix(spec.Seed + 1)},
	}
	s.input.keep, s.input.respond = keep, s.runLine
	if spec.Hello != "" {
		s.library = firmware.New(spec.firmware(s.carryOut, keep), func(line string) { s.replies = append(s.replies, line) })
	}
	s.power(0)
	return s
}

// power starts the board; reset starts it again.
func (s *sketch) power(now time.Duration) {
	s.powered, s.booting, s.upAt = true, true, now+s.spec.Boot
	s.vars = newState(s.spec.State)
	s.input.clear()
	s.replies = nil
	delete(s.until, Busy)
	delete(s.until, Hang)
	s.flatAt = s.upAt
	s.skipTicks(s.upAt)
}

func (s *sketch) reset(now time.Duration) {
	if s.powered {
		s.resets++
		s.power(now)
	}
}

// skipTicks skips the lines that were due before. A lossless board skips none:
// no tick is missing from its lines.
func (s *sketch) skipTicks(to time.Duration) {
	if !s.spec.Lossless {
		s.tick = max(s.tick, int64((to+s.spec.Every-1)/s.spec.Every))
	}
}

// active reports whether a fault goes on.
func (s *sketch) active(do Do) bool {
	_, on := s.until[do]
	return on
}

// step returns the next action that is due, or else when to ask again.
func (s *sketch) step(now time.Duration) (a action, again time.Duration) {
	for {
		at, act := s.next(now)
		if at > now {
			return action{}, at
		}
		if a := act(at); a.do != nothing {
			return a, now
		}
	}
}

// next returns the earliest event. Of equal times the first here wins.
func (s *sketch) next(now time.Duration) (at time.Duration, act func(time.Duration) action) {
	at, act = never, func(time.Duration) action { return action{} }
	consider := func(t time.Duration, f func(time.Duration) action) {
		if t < at {
			at, act = t, f
		}
	}
	for i := range s.faults {
		consider(s.faults[i].At, func(now time.Duration) action { return s.beginScheduled(i, now) })
	}
	for _, do := range Faults {
		if until, on := s.until[do]; on {
			consider(until, func(now time.Duration) action { return s.end(do, now) })
		}
	}
	if !s.powered {
		return at, act
	}
	if len(s.replies) > 0 && !s.mute() {
		consider(0, s.reply)
	}
	if s.booting {
		consider(s.upAt, s.boot)
		return at, act
	}
	if !s.mute() {
		consider(s.input.timeout(), s.readTimeout)
	}
	if s.active(Flood) {
		consider(s.flooded+floodEvery, s.flood)
	}
	if !s.printer.empty() && !s.finished() {
		consider(s.tickAt(), s.print)
	}
	if s.library != nil && !s.mute() {
		consider(s.library.Due(), func(time.Duration) action { return s.loop(now) })
	}
	return at, act
}

// mute reports whether the sketch stands still, in a delay or because it hangs.
func (s *sketch) mute() bool { return s.active(Busy) || s.active(Hang) }

func (s *sketch) finished() bool { return s.spec.Lines > 0 && s.lines >= s.spec.Lines }

func (s *sketch) tickAt() time.Duration {
	if s.spec.FlatOut {
		return s.flatAt
	}
	return time.Duration(s.tick) * s.spec.Every
}

func (s *sketch) boot(now time.Duration) action {
	s.booting = false
	s.buffer = s.buffer[:0]
	for _, line := range s.spec.Banner {
		s.putLine(fill(line, s.vars.get))
	}
	if s.library != nil {
		s.library.Reset(now)
	}
	return s.printed()
}

func (s *sketch) putLine(text string) {
	start := len(s.buffer)
	s.buffer = append(s.buffer, text...)
	s.endLine(start)
}

// endLine ends the line that starts at start of the buffer, or spoils it as a
// fault does.
func (s *sketch) endLine(start int) {
	switch {
	case s.active(Garbage):
		s.out.scramble(s.buffer[start:])
	case s.active(Cut):
		s.buffer = s.buffer[:start+(len(s.buffer)-start)/2]
	default:
		s.buffer = append(s.buffer, s.spec.Ending.Bytes()...)
	}
	for do := range s.once {
		delete(s.once, do)
		delete(s.until, do)
	}
}

func (s *sketch) printed() action {
	if len(s.buffer) == 0 {
		return action{}
	}
	if s.active(Noise) {
		s.out.damage(s.buffer)
	}
	return action{printing, s.buffer}
}

// batch is how much a flat-out board writes at once, in bytes.
const batch = 32 << 10

func (s *sketch) print(now time.Duration) action {
	s.buffer = s.buffer[:0]
	s.printLine(now)
	for s.spec.FlatOut && !s.finished() && len(s.buffer) < batch && len(s.until) == 0 {
		s.printLine(now)
	}
	if len(s.buffer) == 0 { // muted: a flat-out board must not spin
		s.flatAt = now + s.spec.Every
	}
	return s.printed()
}

// printLine appends the next line of readings.
func (s *sketch) printLine(now time.Duration) {
	tick := s.tick
	s.tick++
	s.lines++
	if s.mute() || s.active(Silence) || s.active(Flood) {
		return
	}
	start := len(s.buffer)
	s.buffer = s.printer.append(s.buffer, tick, s.vars)
	if s.library != nil {
		if s.buffer = s.library.AppendChecksum(now, s.buffer, start); len(s.buffer) == start {
			return // dropped
		}
	}
	s.endLine(start)
}

// flood prints what the wire carries in floodEvery, at least a byte.
func (s *sketch) flood(now time.Duration) action {
	s.flooded = now
	n := max(1, int(floodEvery/wireTime(s.spec.Baud, 1)))
	s.buffer = s.buffer[:0]
	for range n {
		s.buffer = append(s.buffer, 'U') // 01010101 on the wire
	}
	return s.printed()
}
