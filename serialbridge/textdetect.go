package serialbridge

import (
	"math/bits"
	"unicode/utf8"
)

// textDetector weighs whether what comes is text. Measured with sketches at ten rates
// read at ten rates: of what comes at a wrong one, 27 to 100 of 100 bytes are
// odd, that is neither printed nor white space nor part of UTF-8, and lines
// hardly ever end.
type textDetector struct {
	bytes, ends int
	odd         int             // bytes that are no text
	controls    int             // of those, what is no letter in any old character set
	starts      [allLow + 1]int // odd bytes by the bits that begin them low, the start bit included

	run, runEnds int // bytes, and ends of lines, since the last odd one
}

// allLow is the start bit and all 8 data bits.
const allLow = 9

// Where doubt ends.
const (
	enoughText  = 16  // bytes, with hardly an odd one and the end of a line
	enoughNoise = 3   // odd bytes, a quarter of all
	enough      = 64  // bytes for whatever lies between, such as text in Latin-1
	endlessText = 512 // bytes without the end of a line
	fadeFrom    = 256 // bytes, from which on the past counts half
)

func (l *textDetector) add(p []byte) {
	l.bytes += len(p)
	l.run += len(p)
	for i := 0; i < len(p); i++ {
		switch kinds[p[i]] {
		case plain:
		case ending:
			l.ends++
			l.runEnds++
		case control:
			l.addOdd(p[i], len(p)-i-1)
		case high:
			r, size := utf8.DecodeRune(p[i:])
			if r == utf8.RuneError {
				l.addOdd(p[i], len(p)-i-1)
			}
			i += size - 1
		}
	}
}

// kinds says what a byte is.
var kinds = func() (kinds [256]kind) {
	for b := range kinds {
		switch {
		case b == '\n', b == '\r':
			kinds[b] = ending
		case b >= utf8.RuneSelf:
			kinds[b] = high
		case (b < ' ' || b == '\x7f') && b != '\t' && b != '\x1b': // colours begin with ESC
			kinds[b] = control
		}
	}
	return kinds
}()

type kind uint8

const (
	plain kind = iota
	ending
	control
	high
)

// addOdd takes an odd byte, so many before the end of what came.
func (l *textDetector) addOdd(b byte, left int) {
	l.odd++
	l.run, l.runEnds = left, 0
	if b < 0xa0 {
		l.controls++
	}
	l.starts[min(1+bits.TrailingZeros8(b), allLow)]++
}

// noisy tells whether a quarter is odd.
func (l *textDetector) noisy() bool { return l.odd >= enoughNoise && 4*l.odd >= l.bytes }

// legacyCharset tells whether it may be text in an old character set, such as Cyrillic
// in Windows-1251: odd, but in lines and without control characters.
func (l *textDetector) legacyCharset() bool { return 16*l.controls < l.bytes && 128*l.ends >= l.bytes }

// verdict tells whether it is text, or noise, or too early to tell.
func (l *textDetector) verdict() (text, noise bool) {
	switch {
	case l.noisy():
		return false, true
	case l.ends == 0:
		return false, l.bytes >= endlessText || l.bytes >= enough && !l.clean()
	default:
		return l.bytes >= enoughText && l.clean() || l.bytes >= enough, false
	}
}

// clean tells whether hardly a byte is odd.
func (l *textDetector) clean() bool { return 16*l.odd <= l.bytes }

// surelyText tells whether the latest bytes, so many, are text beyond doubt, whatever
// came before.
func (l *textDetector) surelyText(size int) bool { return l.run >= size && l.runEnds > 0 }

// decay makes room for what comes.
func (l *textDetector) decay() {
	if l.bytes < fadeFrom {
		return
	}
	l.bytes, l.ends, l.odd, l.controls = l.bytes/2, l.ends/2, l.odd/2, l.controls/2
	for i := range l.starts {
		l.starts[i] /= 2
	}
}

// slowness reads in the odd bytes how many times slower their sender is, from 2
// to 8; allLow is as slow or slower than that, and 1 is no slower, or faster.
//
// Each byte begins at a falling edge, and the sender holds each of its levels
// for a whole number of its own bits: at half the rate the line is low for 2, 4,
// 6 or 8 of ours then, at a ninth or less for all of a byte.
func (l *textDetector) slowness() int {
	for run, n := range l.starts {
		if n > 0 && 8*n >= l.odd {
			return run
		}
	}
	return 1
}
