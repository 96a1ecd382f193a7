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

// baudSearch decides at which rate to listen, and whether what comes is to be read.
// Time is data. It outlives the openings of its port.
type baudSearch struct {
	wanted    int // Options.Baud; 0 finds it out
	rate      int // what the port is to have
	known     int // where text was found last
	tunable   bool
	nativeUSB bool // the board's own USB, to which a rate means nothing
	mode      searchMode
	heard     textDetector
	tried     []int     // in this round
	slow      bool      // the second round: the first may have been misled by what was still on its way
	changed   time.Time // when the rate was set last
	last      time.Time // when bytes came last
	noise     time.Time // since when what comes is noise; zero: it is not
	rest      time.Duration
	wake      time.Time // when to search again
	firmata   bool
}

type searchMode uint8

const (
	reading   searchMode = iota // lines are read
	searching                   // for a rate at which what comes is text
	ignoring                    // there was none; until there is, nothing is read
)

// finding is what hearing has found, of which a user is told.
type finding uint8

const (
	noFinding finding = iota
	baudFound         // the rate, where it was to be found out
	otherBaud         // text, at another rate than Options.Baud
	notText           // at any rate
	textAgain         // text again
)

// opened begins an opening and gives its rate. A rate once found is kept.
func (t *baudSearch) opened(wish int, at time.Time) (rate int) {
	t.wanted, t.firmata = wish, false
	t.heard, t.changed, t.last, t.noise = textDetector{}, at, at, time.Time{}
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
func (t *baudSearch) reads() bool { return t.mode == reading }

// trying tells whether the port is at a rate that is only tried: a command would
// be noise to the board.
func (t *baudSearch) trying() bool { return t.mode == searching && len(t.tried) > 0 }

// noisy tells whether what comes now is no text: the tuner will speak of it.
func (t *baudSearch) noisy() bool { return t.mode != reading || !t.noise.IsZero() }

// hear takes what came, and may change rate.
func (t *baudSearch) hear(p []byte, at time.Time) finding {
	t.last = at
	t.firmata = t.firmata || bytes.Contains(p, firmataBegins)
	switch t.mode {
	case reading:
		return t.doubt(p, at)
	case searching:
		return t.try(p, at)
	default:
		return t.hearIgnored(p, at)
	}
}

// firmataBegins a message of Firmata that names its sketch:
//
//	\xf9\x02\x05\xf0\x79\x02\x05S\x00t\x00a\x00…\xf7
var firmataBegins = []byte{0xf0, 0x79}

// quiet is told now and then that nothing came.
func (t *baudSearch) quiet(at time.Time) {
	if t.mode == searching && t.wanted != 0 && at.Sub(t.last) >= unheard {
		t.mode = reading
		t.set(t.wanted, at)
	}
}

// doubt finds noise where lines were read, when it lasts.
func (t *baudSearch) doubt(p []byte, at time.Time) finding {
	t.heard.decay()
	before := t.heard.odd
	t.heard.add(p)
	lasts := t.heard.odd > before
	if t.heard.odd > 0 && t.heard.surelyText(enoughText) {
		t.heard = textDetector{}
	}
	switch {
	case !t.heard.noisy(), t.heard.legacyCharset():
		t.noise = time.Time{}
	case t.noise.IsZero():
		t.noise = at
	case lasts && at.Sub(t.noise) >= noiseFor && t.heard.bytes >= noiseSize:
		slowness := t.heard.slowness()
		t.begin(t.rate, at)
		return t.next(slowness, at)
	}
	return noFinding
}

// begin searches, with rate as the first to try.
func (t *baudSearch) begin(rate int, at time.Time) {
	t.mode, t.tried, t.slow = searching, nil, false
	t.set(rate, at)
}

func (t *baudSearch) set(rate int, at time.Time) {
	t.rate, t.changed, t.heard, t.noise = rate, at, textDetector{}, time.Time{}
}

// try weighs what comes at a rate that may be the right one.
func (t *baudSearch) try(p []byte, at time.Time) finding {
	age := at.Sub(t.changed)
	if t.slow {
		age /= slowRound
	}
	if t.trying() && age < afterglow {
		return noFinding
	}
	t.heard.add(p)
	text, noise := t.heard.verdict()
	switch {
	case text:
		return t.settle(at)
	case noise && age >= dwell:
		return t.next(t.heard.slowness(), at)
	}
	return noFinding
}

// settle has found text.
func (t *baudSearch) settle(at time.Time) finding {
	t.known = t.rate
	if t.wanted != 0 && t.wanted != t.rate {
		t.giveUpSearch(at)
		return otherBaud
	}
	t.mode, t.rest, t.noise = reading, 0, time.Time{}
	if t.wanted == 0 {
		return baudFound
	}
	return textAgain
}

// next changes to a rate that was not tried, by what the bits show first.
func (t *baudSearch) next(slowness int, at time.Time) finding {
	t.tried = append(t.tried, t.rate)
	rate, ok := nextRate(t.rate, slowness, t.tried)
	if !ok && !t.slow {
		t.tried, t.slow = []int{t.rate}, true
		rate, ok = nextRate(t.rate, slowness, t.tried)
	}
	if !t.tunable || !ok {
		t.giveUpSearch(at)
		return notText
	}
	t.set(rate, at)
	return noFinding
}

// giveUpSearch goes back to where it began, for a rest.
func (t *baudSearch) giveUpSearch(at time.Time) {
	t.set(cmp.Or(t.wanted, t.known, usualRates[0]), at)
	t.mode = ignoring
	t.rest = min(max(2*t.rest, restFirst), restMost)
	t.wake = at.Add(t.rest)
}

// hearIgnored listens for text while nothing is read.
func (t *baudSearch) hearIgnored(p []byte, at time.Time) finding {
	t.heard.decay()
	t.heard.add(p)
	if text, _ := t.heard.verdict(); text || t.heard.surelyText(enough) {
		return t.settle(at)
	}
	if t.tunable && !at.Before(t.wake) {
		t.begin(t.rate, at)
	}
	return noFinding
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
