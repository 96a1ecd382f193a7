package simulator

import "time"

// pacer spreads bytes over time as a UART does: a start bit, eight of data and
// a stop bit for each.
type pacer struct {
	baud int           // 0 is no pacing
	free time.Duration // when the wire is free again, since the board's start
}

// chunkTime is for how long bytes are gathered before they are written: as often as
// a USB chip hands them on, and few wake-ups.
const chunkTime = 10 * time.Millisecond

// chunk is how many bytes are written together.
func (p *pacer) chunk() int { return max(1, p.baud/10*int(chunkTime/time.Millisecond)/1000) }

// send gives the time at which n more bytes are through.
func (p *pacer) send(now time.Duration, n int) time.Duration {
	p.free = max(now, p.free) + wireTime(p.baud, n)
	return p.free
}

// wireTime is how long n bytes take.
func wireTime(baud, n int) time.Duration {
	return time.Duration(n) * 10 * time.Second / time.Duration(baud)
}
