package gateway

import (
	"sync/atomic"

	"arduino-gateway/device"
)

// Stats are a device's totals since the gateway's start.
type Stats struct {
	Lines       uint64 // parsed and queued
	Refused     uint64 // not understood
	Damaged     uint64 // without the checksum that this board's lines have
	OutOfBounds uint64 // readings that their bounds kept back
	Sent        uint64 // commands written, confirmed or not
	Rejected    uint64 // commands refused before a byte was written
	Unsent      uint64 // commands that failed or expired
}

type counts struct {
	lines, refused, damaged, outOfBounds atomic.Uint64
	sent, rejected, unsent               atomic.Uint64
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

// Stats gives the device's totals.
func (d *Device) Stats() Stats {
	return Stats{
		Lines: d.counts.lines.Load(), Refused: d.counts.refused.Load(), Damaged: d.counts.damaged.Load(), OutOfBounds: d.counts.outOfBounds.Load(),
		Sent: d.counts.sent.Load(), Rejected: d.counts.rejected.Load(), Unsent: d.counts.unsent.Load(),
	}
}
