package gateway

import (
	"sync/atomic"

	"arduino-gateway/device"
)

// Stats are a device's totals since the start of the gateway.
type Stats struct {
	Lines       uint64 // parsed and queued
	Refused     uint64 // lines that were not understood
	Partly      uint64 // lines of which a part was not understood
	Damaged     uint64 // lines that were dropped, for example without this board's checksum
	OutOfBounds uint64 // readings outside their bounds
	Unprinted   uint64 // lines that the board reports as dropped
	Sent        uint64 // commands written, confirmed or not
	Rejected    uint64 // commands refused before a byte was written
	Unsent      uint64 // commands that failed or expired
}

type counts struct {
	lines, refused, partly, damaged, outOfBounds, unprinted atomic.Uint64
	sent, rejected, unsent                                  atomic.Uint64
}

func (c *counts) command(status device.Status) {
	switch status {
	case device.Sent, device.Done:
		c.sent.Add(1)
	case device.Rejected:
		c.rejected.Add(1)
	default:
		c.unsent.Add(1)
	}
}

func (c *counts) stats() Stats {
	return Stats{
		Lines: c.lines.Load(), Refused: c.refused.Load(), Partly: c.partly.Load(), Damaged: c.damaged.Load(), OutOfBounds: c.outOfBounds.Load(),
		Unprinted: c.unprinted.Load(), Sent: c.sent.Load(), Rejected: c.rejected.Load(), Unsent: c.unsent.Load(),
	}
}
