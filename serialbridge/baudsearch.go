package serialbridge

import (
	"bytes"
	"cmp"
	"slices"
	"time"
)

// FirstBaud is the rate that a baud search tries first, in bits a second.
const FirstBaud = 115200

// usualRates are the rates that sketches use, in the order in which they are
// tried. What the bits show may change the order.
var usualRates = []int{FirstBaud, 9600, 57600, 38400, 19200, 74880, 250000, 1000000, 4800, 2400, 500000, 2000000, 1200}

const (
	noiseFor  = 5 * time.Second        // the boot of an ESP8266 at another rate is shorter
	noiseSize = 32                     // bytes; less does not count as noise
	afterglow = 100 * time.Millisecond // after a change of the rate: input may still be of the old rate
	dwell     = 250 * time.Millisecond // least time between changes of the rate, so that a flood does not cause many
	slowRound = 4                      // the second round lasts this many times longer
	unheard   = 10 * time.Second       // a search without input ends
	restFirst = time.Minute            // until a search that found nothing starts again; doubles
	restMost  = time.Hour
)

// baudSearch decides at which rate to listen, and whether the input is lines.
// Time is data. It outlives the openings of its port.
type baudSearch struct {
	wanted  int // Options.Baud; 0 searches
	rate    int // the rate to set on the port
	known   int // the rate at which text was found last; 0: none
	own     int // the rate that a server had; 0: not known
	tunable bool
	rates   Rates // of the port
	mode    searchMode
	heard   textDetector
	tried   []int     // in this round
	slow    bool      // the second round: bytes still on their way may have misled the first
	changed time.Time // when the rate was last set
	last    time.Time // when bytes last came
	noise   time.Time // since when the input is noise; zero: it is not
	rest    time.Duration
	wake    time.Time // when to search again
	firmata bool
}

type searchMode uint8

const (
	reading   searchMode = iota // the input is lines
	searching                   // for a rate at which the input is text
	ignoring                    // no rate works: drop the input until it is text
)

// finding is a result of the search that is logged.
type finding uint8

const (
	noFinding finding = iota
	baudFound         // the rate, with Options.Baud 0
	otherBaud         // text, but not at the rate of Options.Baud
	notText           // no text at any rate
	textAgain         // text again
)

// opened begins an opening and returns its rate. A rate once found is kept, unless
// the port is another one by now, to which it may be an order.
func (b *baudSearch) opened(wanted int, at time.Time) (rate int) {
	b.wanted, b.firmata = wanted, false
	if !b.rates.tries(b.known) {
		b.known = 0
	}
	b.heard, b.changed, b.last, b.noise = textDetector{}, at, at, time.Time{}
	switch {
	case wanted != 0:
		b.mode, b.rate = reading, wanted
	case b.known > 0:
		b.mode, b.rate = reading, b.known // the noise of another board starts a new search
	case b.mode != searching || !b.rates.tries(b.rate):
		b.begin(usualRates[0], at)
	}
	return b.rate
}

// reads reports whether the input is lines.
func (b *baudSearch) reads() bool { return b.mode == reading }

// trying reports whether the rate is only tried: a command would be noise to the
// board.
func (b *baudSearch) trying() bool { return b.mode == searching && len(b.tried) > 0 }

// noisy reports whether the input is not text now. The search then logs the
// reason.
func (b *baudSearch) noisy() bool { return b.mode != reading || !b.noise.IsZero() }

// hear takes input, and may change rate.
func (b *baudSearch) hear(p []byte, at time.Time) finding {
	b.last = at
	b.firmata = b.firmata || bytes.Contains(p, firmataBegins)
	switch b.mode {
	case reading:
		return b.doubt(p, at)
	case searching:
		return b.try(p, at)
	default:
		return b.hearIgnored(p, at)
	}
}

// firmataBegins starts a message of Firmata that names its sketch:
//
//	\xf9\x02\x05\xf0\x79\x02\x05S\x00t\x00a\x00…\xf7
var firmataBegins = []byte{0xf0, 0x79}

// quiet is called now and then while no input comes.
func (b *baudSearch) quiet(at time.Time) {
	if b.mode == searching && b.wanted != 0 && at.Sub(b.last) >= unheard {
		b.mode = reading
		b.set(b.wanted, at)
	}
}

// doubt looks for lasting noise while lines are read.
func (b *baudSearch) doubt(p []byte, at time.Time) finding {
	b.heard.decay()
	before := b.heard.odd
	b.heard.add(p)
	lasts := b.heard.odd > before
	if b.heard.odd > 0 && b.heard.surelyText(enoughText) {
		b.heard = textDetector{}
	}
	switch {
	case !b.heard.noisy(), b.heard.legacyCharset():
		b.noise = time.Time{}
	case b.noise.IsZero():
		b.noise = at
	case lasts && at.Sub(b.noise) >= noiseFor && b.heard.bytes >= noiseSize:
		slowness := b.heard.slowness()
		b.begin(b.rate, at)
		return b.next(slowness, at)
	}
	return noFinding
}

// begin starts a search with rate as the first to try.
func (b *baudSearch) begin(rate int, at time.Time) {
	b.mode, b.tried, b.slow = searching, nil, false
	b.set(rate, at)
}

func (b *baudSearch) set(rate int, at time.Time) {
	b.rate, b.changed, b.heard, b.noise = rate, at, textDetector{}, time.Time{}
}

// age returns for how long the rate has been set, which counts less in the second
// round.
func (b *baudSearch) age(at time.Time) time.Duration {
	if b.slow {
		return at.Sub(b.changed) / slowRound
	}
	return at.Sub(b.changed)
}

// settling reports whether input may still be of the last rate.
func (b *baudSearch) settling(at time.Time) bool { return b.trying() && b.age(at) < afterglow }

// try judges the input at a rate that may be the right one.
func (b *baudSearch) try(p []byte, at time.Time) finding {
	if b.settling(at) {
		return noFinding
	}
	b.heard.add(p)
	text, noise := b.heard.verdict()
	switch {
	case text:
		return b.settle(at)
	case noise && b.age(at) >= dwell:
		return b.next(b.heard.slowness(), at)
	}
	return noFinding
}

// settle ends a search that has found text.
func (b *baudSearch) settle(at time.Time) finding {
	b.known = b.rate
	if b.wanted != 0 && b.wanted != b.rate {
		b.giveUpSearch(at)
		return otherBaud
	}
	b.mode, b.rest, b.noise = reading, 0, time.Time{}
	if b.wanted == 0 {
		return baudFound
	}
	return textAgain
}

// next changes to a rate that was not tried, first by what the bits show.
func (b *baudSearch) next(slowness int, at time.Time) finding {
	b.tried = append(b.tried, b.rate)
	rate, ok := b.nextRate(slowness)
	if !ok && !b.slow {
		b.tried, b.slow = []int{b.rate}, true
		rate, ok = b.nextRate(slowness)
	}
	if !b.tunable || !ok {
		b.giveUpSearch(at)
		return notText
	}
	b.set(rate, at)
	return noFinding
}

// giveUpSearch returns to the starting rate for a rest.
func (b *baudSearch) giveUpSearch(at time.Time) {
	b.set(cmp.Or(b.wanted, b.resting()), at)
	b.mode = ignoring
	b.rest = min(max(2*b.rest, restFirst), restMost)
	b.wake = at.Add(b.rest)
}

// resting returns the rate of a search that rests. Not even a server's own rate is
// set again if it may be an order.
func (b *baudSearch) resting() int {
	for _, rate := range []int{b.known, b.own} {
		if rate > 0 && b.rates.tries(rate) {
			return rate
		}
	}
	return usualRates[0]
}

// hearIgnored watches for text while the input is dropped.
func (b *baudSearch) hearIgnored(p []byte, at time.Time) finding {
	b.heard.decay()
	b.heard.add(p)
	if text, _ := b.heard.verdict(); text || b.heard.surelyText(enough) {
		return b.settle(at)
	}
	if b.tunable && !at.Before(b.wake) {
		b.begin(b.rate, at)
	}
	return noFinding
}

// nextRate returns the first of the usual rates that the port allows and that was
// not tried. Rates that are slowness times slower than this one come first.
func (b *baudSearch) nextRate(slowness int) (rate int, ok bool) {
	for _, rate := range usualRates {
		if b.mayTry(rate) && fits(b.rate, rate, slowness) {
			return rate, true
		}
	}
	i := slices.IndexFunc(usualRates, b.mayTry)
	if i < 0 {
		return 0, false
	}
	return usualRates[i], true
}

func (b *baudSearch) mayTry(rate int) bool {
	return b.rates.tries(rate) && !slices.Contains(b.tried, rate)
}

// fits reports whether a board at that rate would be read with that slowness.
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
