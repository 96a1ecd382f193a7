package simulator

import "time"

// pacer spreads bytes over time as a UART does: each byte has a start bit, eight
// data bits and a stop bit.
type pacer struct {
	baud int           // 0: no pacing
	free time.Duration // when the wire is free again, since the start of the board
}

// chunkTime is how long bytes are gathered before they are written: as often as
// a USB chip delivers them, with few wake-ups.
const chunkTime = 10 * time.Millisecond

// chunk returns how many bytes are written together.
func (p *pacer) chunk() int { return max(1, p.baud/10*int(chunkTime/time.Millisecond)/1000) }

// send returns the time at which n more bytes have gone out.
func (p *pacer) send(now time.Duration, n int) time.Duration {
	p.free = max(now, p.free) + wireTime(p.baud, n)
	return p.free
}

// wireTime returns how long n bytes take on the wire.
func wireTime(baud, n int) time.Duration {
	return time.Duration(n) * 10 * time.Second / time.Duration(baud)
}
