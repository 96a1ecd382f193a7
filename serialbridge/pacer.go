package serialbridge

import "time"

// window is how many bytes may be ahead of the board. Its input buffer holds 63
// of 64; three are left for what was already on the wire.
const window = 60

// pacer computes when bytes may go to a board whose wire carries baud/10 bytes a
// second. It is a bucket of window bytes that refills a little slower than the
// wire (95 %), so that two clocks that disagree do not fill the board's buffer.
// Time is data: the pacer reads no clock.
type pacer struct {
	perByte time.Duration
	clear   time.Time // when the board has received all that was sent
}

func newPacer(baud int) pacer {
	const bits = 10 // a byte on the wire: start, 8 data, stop
	return pacer{perByte: bits * time.Second * 100 / 95 / time.Duration(max(baud, 1))}
}

// wait returns how long to hold back n bytes, n at most window; 0 or less: send
// now.
func (p *pacer) wait(n int, now time.Time) time.Duration {
	ahead := max(p.clear.Sub(now), 0)
	return ahead - time.Duration(window-n)*p.perByte
}

// gapWait returns how long to hold back a line so that it comes gap after the
// wire has carried the last one; 0 or less: send now.
func (p *pacer) gapWait(gap time.Duration, now time.Time) time.Duration {
	return p.clear.Add(gap).Sub(now)
}

// add counts n bytes that went out, the last of them at now.
func (p *pacer) add(n int, now time.Time) {
	if p.clear.Before(now) {
		p.clear = now
	}
	p.clear = p.clear.Add(time.Duration(n) * p.perByte)
}
