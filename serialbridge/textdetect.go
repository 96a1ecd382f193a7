package serialbridge

import (
	"math/bits"
	"unicode/utf8"
)

// textDetector decides whether input is text. Measured with sketches at ten
// rates read at ten rates: at a wrong one, 27 to 100 of 100 bytes are odd, that
// is neither printable nor white space nor part of UTF-8, and lines hardly ever
// end.
type textDetector struct {
	bytes, ends int
	odd         int             // bytes that are not text
	controls    int             // of those, the ones that are not a letter in any old character set
	starts      [allLow + 1]int // odd bytes by the number of low bits that begin them, including the start bit

	run, runEnds int // bytes, and line endings, since the last odd one
}

// allLow is the start bit and all 8 data bits.
const allLow = 9

// The limits of each verdict.
const (
	enoughText  = 16  // bytes, with hardly an odd one and a line ending
	enoughNoise = 3   // odd bytes, a quarter of all
	enough      = 64  // bytes for anything in between, such as text in Latin-1
	endlessText = 512 // bytes without a line ending
	fadeFrom    = 256 // bytes; above it, older input counts half
)

func (d *textDetector) add(p []byte) {
	d.bytes += len(p)
	d.run += len(p)
	for i := 0; i < len(p); i++ {
		switch kinds[p[i]] {
		case plain:
		case ending:
			d.ends++
			d.runEnds++
		case control:
			d.addOdd(p[i], len(p)-i-1)
		case high:
			r, size := utf8.DecodeRune(p[i:])
			if r == utf8.RuneError {
				d.addOdd(p[i], len(p)-i-1)
			}
			i += size - 1
		}
	}
}

// kinds classifies each byte.
var kinds = func() (kinds [256]kind) {
	for b := range kinds {
		switch {
		case b == '\n', b == '\r':
			kinds[b] = ending
		case b >= utf8.RuneSelf:
			kinds[b] = high
		case b == '\t', b == '\x1b', b == stx, b == etx: // colours begin with ESC
		case b < ' ' || b == '\x7f':
			kinds[b] = control
		}
	}
	return kinds
}()

// Scales and meters put each line between these. Hardly a wrong baud rate makes them.
const stx, etx = 2, 3

type kind uint8

const (
	plain kind = iota
	ending
	control
	high
)

// addOdd counts an odd byte; left bytes of the input follow it.
func (d *textDetector) addOdd(b byte, left int) {
	d.odd++
	d.run, d.runEnds = left, 0
	if b < 0xa0 {
		d.controls++
	}
	d.starts[min(1+bits.TrailingZeros8(b), allLow)]++
}

// noisy reports whether a quarter is odd.
func (d *textDetector) noisy() bool { return d.odd >= enoughNoise && 4*d.odd >= d.bytes }

// legacyCharset reports whether the input may be text in an old character set,
// such as Cyrillic in Windows-1251: odd bytes, but in lines and without control
// characters.
func (d *textDetector) legacyCharset() bool { return 16*d.controls < d.bytes && 128*d.ends >= d.bytes }

// verdict reports whether the input is text, or noise; neither if it is too
// early.
func (d *textDetector) verdict() (text, noise bool) {
	switch {
	case d.noisy():
		return false, true
	case d.ends == 0:
		return false, d.bytes >= endlessText || d.bytes >= enough && !d.clean()
	default:
		return d.bytes >= enoughText && d.clean() || d.bytes >= enough, false
	}
}

// clean reports whether hardly a byte is odd.
func (d *textDetector) clean() bool { return 16*d.odd <= d.bytes }

// surelyText reports whether the latest size bytes are certainly text, whatever
// came before.
func (d *textDetector) surelyText(size int) bool { return d.run >= size && d.runEnds > 0 }

// decay halves the counts, so that new input weighs more.
func (d *textDetector) decay() {
	if d.bytes < fadeFrom {
		return
	}
	d.bytes, d.ends, d.odd, d.controls = d.bytes/2, d.ends/2, d.odd/2, d.controls/2
	for i := range d.starts {
		d.starts[i] /= 2
	}
}

// slowness returns how many times slower the sender is, from 2 to 8, as its odd
// bytes show. allLow means that slow or slower, and 1 no slower, or faster.
//
// Each byte begins at a falling edge, and the sender holds each of its levels
// for a whole number of its own bits. At half the rate the line is then low for
// 2, 4, 6 or 8 of our bits, at a ninth or less for a whole byte.
func (d *textDetector) slowness() int {
	for run, n := range d.starts {
		if n > 0 && 8*n >= d.odd {
			return run
		}
	}
	return 1
}
