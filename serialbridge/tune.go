package serialbridge

import (
	"bytes"
	"cmp"
	"slices"
	"time"
)

// FirstBaud is where a search for the rate begins, in bits a second.
const FirstBaud = 115200

// usualRates are those that sketches use, in the order in which they are tried.
// Which is tried next depends on what the bits show, too.
var usualRates = []int{FirstBaud, 9600, 57600, 38400, 19200, 74880, 250000, 1000000, 4800, 2400, 500000, 2000000, 1200}

const (
	noiseFor  = 5 * time.Second        // an ESP8266's boot at another rate is shorter
	noiseSize = 32                     // bytes that noise must have to be one
	afterglow = 100 * time.Millisecond // what comes after a change of the rate may be of the rate before
	dwell     = 250 * time.Millisecond // between changes of the rate, so that a flood does not make many
	slowRound = 4                      // times as long as that in the second round
	unheard   = 10 * time.Second       // a search in silence ends
	restFirst = time.Minute            // until a search that found nothing begins again; doubles
	restMost  = time.Hour
)

// tuner decides at which rate to listen, and whether what comes is to be read.
// Time is data. It outlives the openings of its port.
type tuner struct {
	wish     int // Options.Baud; 0 finds it out
	rate     int // what the port is to have
	known    int // where text was found last
	tunable  bool
	rateless bool // the board's own USB, to which a rate means nothing
	mode     tuning
	heard    legible
	tried    []int     // in this round
	slow     bool      // the second round: the first may have been misled by what was still on its way
	changed  time.Time // when the rate was set last
	last     time.Time // when bytes came last
	noise    time.Time // since when what comes is noise; zero: it is not
	rest     time.Duration
	wake     time.Time // when to search again
	firmata  bool
}

type tuning uint8

const (
	reading   tuning = iota // lines are read
	searching               // for a rate at which what comes is text
	deaf                    // there was none; until there is, nothing is read
)

// tuned is what hearing has found, of which a user is told.
type tuned uint8

const (
	nothing   tuned = iota
	found           // the rate, where it was to be found out
	elsewhere       // text, at another rate than Options.Baud
	noText          // at any rate
	again           // text again
)

// opened begins an opening and gives its rate. A rate once found is kept.
func (t *tuner) opened(wish int, at time.Time) (rate int) {
	t.wish, t.firmata = wish, false
	t.heard, t.changed, t.last, t.noise = legible{}, at, at, time.Time{}
	switch {
	case wish != 0:
		t.mode, t.rate = reading, wish
	case t.known > 0:
		t.mode, t.rate = reading, t.known // another board is noticed by its noise
	case t.mode != searching:
		t.begin(usualRates[0], at)
	}
	return t.rate
}

// reads tells whether lines are to be handed on.
func (t *tuner) reads() bool { return t.mode == reading }

// astray tells whether the port is at a rate that is only tried: a command would
// be noise to the board.
func (t *tuner) astray() bool { return t.mode == searching && len(t.tried) > 0 }

// noisy tells whether what comes now is no text: the tuner will speak of it.
func (t *tuner) noisy() bool { return t.mode != reading || !t.noise.IsZero() }

// hear takes what came, and may change rate.
func (t *tuner) hear(p []byte, at time.Time) tuned {
	t.last = at
	t.firmata = t.firmata || bytes.Contains(p, firmataBegins)
	switch t.mode {
	case reading:
		return t.doubt(p, at)
	case searching:
		return t.try(p, at)
	default:
		return t.doze(p, at)
	}
}

// firmataBegins a message of Firmata that names its sketch:
//
//	\xf9\x02\x05\xf0\x79\x02\x05S\x00t\x00a\x00…\xf7
var firmataBegins = []byte{0xf0, 0x79}

// silent is told now and then that nothing came.
func (t *tuner) silent(at time.Time) {
	if t.mode == searching && t.wish != 0 && at.Sub(t.last) >= unheard {
		t.mode = reading
		t.set(t.wish, at)
	}
}

// doubt finds noise where lines were read, when it lasts.
func (t *tuner) doubt(p []byte, at time.Time) tuned {
	t.heard.fade()
	before := t.heard.odd
	t.heard.hear(p)
	lasts := t.heard.odd > before
	if t.heard.odd > 0 && t.heard.plainly(enoughText) {
		t.heard = legible{}
	}
	switch {
	case !t.heard.noisy(), t.heard.foreign():
		t.noise = time.Time{}
	case t.noise.IsZero():
		t.noise = at
	case lasts && at.Sub(t.noise) >= noiseFor && t.heard.bytes >= noiseSize:
		slowness := t.heard.slowness()
		t.begin(t.rate, at)
		return t.next(slowness, at)
	}
	return nothing
}

// begin searches, with rate as the first to try.
func (t *tuner) begin(rate int, at time.Time) {
	t.mode, t.tried, t.slow = searching, nil, false
	t.set(rate, at)
}

func (t *tuner) set(rate int, at time.Time) {
	t.rate, t.changed, t.heard, t.noise = rate, at, legible{}, time.Time{}
}

// try weighs what comes at a rate that may be the right one.
func (t *tuner) try(p []byte, at time.Time) tuned {
	age := at.Sub(t.changed)
	if t.slow {
		age /= slowRound
	}
	if t.astray() && age < afterglow {
		return nothing
	}
	t.heard.hear(p)
	text, noise := t.heard.verdict()
	switch {
	case text:
		return t.settle(at)
	case noise && age >= dwell:
		return t.next(t.heard.slowness(), at)
	}
	return nothing
}

// settle has found text.
func (t *tuner) settle(at time.Time) tuned {
	t.known = t.rate
	if t.wish != 0 && t.wish != t.rate {
		t.giveUp(at)
		return elsewhere
	}
	t.mode, t.rest, t.noise = reading, 0, time.Time{}
	if t.wish == 0 {
		return found
	}
	return again
}

// next changes to a rate that was not tried, by what the bits show first.
func (t *tuner) next(slowness int, at time.Time) tuned {
	t.tried = append(t.tried, t.rate)
	rate, ok := nextRate(t.rate, slowness, t.tried)
	if !ok && !t.slow {
		t.tried, t.slow = []int{t.rate}, true
		rate, ok = nextRate(t.rate, slowness, t.tried)
	}
	if !t.tunable || !ok {
		t.giveUp(at)
		return noText
	}
	t.set(rate, at)
	return nothing
}

// giveUp goes back to where it began, for a rest.
func (t *tuner) giveUp(at time.Time) {
	t.set(cmp.Or(t.wish, t.known, usualRates[0]), at)
	t.mode = deaf
	t.rest = min(max(2*t.rest, restFirst), restMost)
	t.wake = at.Add(t.rest)
}

// doze listens for text while nothing is read.
func (t *tuner) doze(p []byte, at time.Time) tuned {
	t.heard.fade()
	t.heard.hear(p)
	if text, _ := t.heard.verdict(); text || t.heard.plainly(enough) {
		return t.settle(at)
	}
	if t.tunable && !at.Before(t.wake) {
		t.begin(t.rate, at)
	}
	return nothing
}

// nextRate gives the first of the usual rates that were not tried; those first
// that are so many times slower than from.
func nextRate(from, slowness int, tried []int) (rate int, ok bool) {
	for _, rate := range usualRates {
		if !slices.Contains(tried, rate) && fits(from, rate, slowness) {
			return rate, true
		}
	}
	for _, rate := range usualRates {
		if !slices.Contains(tried, rate) {
			return rate, true
		}
	}
	return 0, false
}

// fits tells whether a board of that rate would be read with that slowness.
func fits(from, rate, slowness int) bool {
	ratio := float64(from) / float64(rate)
	switch slowness {
	case 1:
		return ratio < 1
	case allLow:
		return ratio > allLow-0.5
	default:
		return ratio > float64(slowness)-0.5 && ratio < float64(slowness)+0.5
	}
}
