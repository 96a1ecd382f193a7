package serialbridge

import (
	"sync/atomic"

	"arduino-gateway/internal/lineformat"
)

// Stats are counts since New, over all openings of the port, and its state.
type Stats struct {
	Path    string // of the port that is open, or was last; "" before the first
	Problem string // why nothing is read, with a hint; "" if nothing is wrong
	Baud    int    // bits a second at which text was found; 0: not yet

	Opens         uint64 // times the port was opened
	Lines         uint64 // whole lines read
	BootLines     uint64 // of Lines, those of a bootloader, which the handler did not get
	Bytes         uint64 // read
	SyncBytes     uint64 // dropped before the first line of an opening, or because they were not text
	Overlong      uint64 // lines dropped because they were too long
	OverlongBytes uint64 // bytes of those lines
	Written       uint64 // bytes of commands that the kernel accepted
	USBResets     uint64 // times the watchdog reset the USB device of the port
	Abandoned     uint64 // openings given up because the board accepted no more bytes
}

// counters are the Stats while they change.
type counters struct {
	path, problem                                                                                     atomic.Pointer[string]
	baud                                                                                              atomic.Int64
	opens, lines, bootLines, bytes, syncBytes, overlong, overlongBytes, written, usbResets, abandoned atomic.Uint64
}

// read counts a chunk of n bytes and stores the totals of the framer after it.
// Only the reading goroutine calls it, so loads and stores need no more than
// order.
func (c *counters) read(n int, totals lineformat.Counts) {
	c.bytes.Add(uint64(n))
	raise(&c.lines, totals.Lines)
	raise(&c.syncBytes, totals.SyncBytes)
	raise(&c.overlong, totals.Overlong)
	raise(&c.overlongBytes, totals.OverlongBytes)
}

// raise skips the store, the expensive half, if nothing changed.
func raise(counter *atomic.Uint64, total uint64) {
	if counter.Load() != total {
		counter.Store(total)
	}
}

// Stats returns the counts so far. Any goroutine may call it at any time.
func (p *Port) Stats() Stats {
	c := &p.stats
	s := Stats{
		Baud:          int(c.baud.Load()),
		Opens:         c.opens.Load(),
		Lines:         c.lines.Load(),
		BootLines:     c.bootLines.Load(),
		Bytes:         c.bytes.Load(),
		SyncBytes:     c.syncBytes.Load(),
		Overlong:      c.overlong.Load(),
		OverlongBytes: c.overlongBytes.Load(),
		Written:       c.written.Load(),
		USBResets:     c.usbResets.Load(),
		Abandoned:     c.abandoned.Load(),
	}
	if path := c.path.Load(); path != nil {
		s.Path = *path
	}
	if problem := c.problem.Load(); problem != nil {
		s.Problem = *problem
	}
	return s
}

// setProblem stores what is wrong now; "" is nothing.
func (c *counters) setProblem(what, hint string) {
	if hint != "" {
		what += " (hint: " + hint + ")"
	}
	c.problem.Store(&what)
}
