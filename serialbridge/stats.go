package serialbridge

import (
	"sync/atomic"

	"arduino-gateway/internal/lineformat"
)

// Stats counts since New, over all openings of the port, and tells where it is.
type Stats struct {
	Path    string // of the port that is open, or was last; "" before
	Problem string // why nothing is read, in words with a hint; "" is nothing
	Baud    int    // bits a second at which text was found; 0: not yet

	Opens         uint64 // times the port was opened
	Lines         uint64 // whole lines read
	BootLines     uint64 // of those, a bootloader's, which the handler never saw
	Bytes         uint64 // read
	SyncBytes     uint64 // dropped before an opening's first line, or because they were no text
	Overlong      uint64 // lines dropped for their length
	OverlongBytes uint64 // and their bytes
	Written       uint64 // bytes that the kernel took of commands
	Abandoned     uint64 // openings given up because the board took no more bytes
}

// counters are Stats under way.
type counters struct {
	path, problem                                                                          atomic.Pointer[string]
	baud                                                                                   atomic.Int64
	opens, lines, bootLines, bytes, syncBytes, overlong, overlongBytes, written, abandoned atomic.Uint64
}

// read notes a chunk of n bytes and the framer's totals after it. Only the
// reading goroutine calls it, so that loads and stores need no more than order.
func (c *counters) read(n int, totals lineformat.Counts) {
	c.bytes.Add(uint64(n))
	raise(&c.lines, totals.Lines)
	raise(&c.syncBytes, totals.SyncBytes)
	raise(&c.overlong, totals.Overlong)
	raise(&c.overlongBytes, totals.OverlongBytes)
}

// raise spares the store, the dear half, where nothing changed.
func raise(counter *atomic.Uint64, total uint64) {
	if counter.Load() != total {
		counter.Store(total)
	}
}

// Stats may be called at any time from any goroutine.
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

// wrong notes what is wrong now; "" is nothing.
func (c *counters) setProblem(what, hint string) {
	if hint != "" {
		what += " (hint: " + hint + ")"
	}
	c.problem.Store(&what)
}
