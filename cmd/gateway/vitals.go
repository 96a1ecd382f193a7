package main

import (
	"runtime"
	"time"

	"arduino-gateway/internal/spool"
	"arduino-gateway/internal/vitals"
)

// Vitals tells those who watch over the gateway how it stands.
func (f faces) Vitals(now time.Time) vitals.Snapshot {
	version, _ := build()
	own, total := f.own.Stats(), f.spool.Stats()
	s := vitals.Snapshot{
		Version: version, GoVersion: runtime.Version(), Connected: own.Connected, Problem: own.Problem,
		Spool: vitals.Spool{DiskDown: total.MemoryOnly, DiskBytes: total.Disk, MaxBytes: f.spool.MaxSize, MemoryBytes: total.Memory,
			Written: total.Written, Syncs: total.Syncs, Damaged: total.Damaged},
	}
	queues := f.queues()
	for _, d := range f.now().Devices {
		if m := f.member(d.ID); m.Device != nil {
			s.Devices = append(s.Devices, f.vitalsOf(now, d.ID, m, queues[d.ID]))
		}
	}
	return s
}

func (f faces) vitalsOf(now time.Time, id string, m member, q spool.QueueStats) vitals.Device {
	state, counts, port, session := m.State(), m.Stats(), m.port.Stats(), m.session.Stats()
	last, _ := f.history.Device(id).Lines(now)
	return vitals.Device{
		ID: id, Online: state.Online, Problem: port.Problem, Connected: session.Connected, LastLine: last,
		Lines: counts.Lines, Refused: counts.Refused, Overlong: port.Overlong, OutOfBounds: counts.OutOfBounds,
		Sent: counts.Sent, Rejected: counts.Rejected, Unsent: counts.Unsent,
		Opens: port.Opens, BytesRead: port.Bytes, BytesWritten: port.Written,
		Connects: session.Connects, Losses: session.Losses, Attempts: session.Refusals,
		Messages: session.Messages, Acked: session.AckedLines, Late: session.LateLines,
		Waiting: q.Lines, WaitingBytes: q.Bytes, Oldest: q.Oldest, Dropped: q.Dropped,
	}
}
