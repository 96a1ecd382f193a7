package serialbridge

import "time"

// window is how many bytes may be ahead of the board: its input buffer holds
// 63 of 64, and three are left for what was on the wire already.
const window = 60

// pacer says when bytes may go to a board whose wire carries baud/10 bytes a
// second. It is a bucket of window bytes that refills a little slower than the
// wire (95 %), so that two clocks that disagree do not fill the board's buffer.
// Time is data: the pacer asks no clock.
type pacer struct {
	perByte time.Duration
	clear   time.Time // when the board has taken all that was sent
}

func newPacer(baud int) pacer {
	const bits = 10 // a byte on the wire: start, 8 data, stop
	return pacer{perByte: bits * time.Second * 100 / 95 / time.Duration(max(baud, 1))}
}

// wait is how long to hold n bytes back, n at most window; 0 or less: none.
func (p *pacer) wait(n int, now time.Time) time.Duration {
	ahead := max(p.clear.Sub(now), 0)
	return ahead - time.Duration(window-n)*p.perByte
}

// gapWait is how long to hold a line back that should come so long after the one
// before has left the wire; 0 or less: none.
func (p *pacer) gapWait(gap time.Duration, now time.Time) time.Duration {
	return p.clear.Add(gap).Sub(now)
}

// add tells that n bytes went out, the last of them at now.
func (p *pacer) add(n int, now time.Time) {
	if p.clear.Before(now) {
		p.clear = now
	}
	p.clear = p.clear.Add(time.Duration(n) * p.perByte)
}
