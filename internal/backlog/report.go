package backlog

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"arduino-gateway/internal/spool"
)

// lookEvery is the time between two looks of a Reporter.
const lookEvery = 5 * time.Second

// Notes passes notes about a device to its monitors.
type Notes interface {
	Active(device string) bool
	Note(device string, at time.Time, text string)
}

// Reporter reports how many lines wait in the spool: in the log if they wait for
// longer than a moment, and to a device's monitors at each change.
type Reporter struct {
	spool *spool.Spool
	notes Notes
	log   *slog.Logger
	state state
	noted map[string]string // device to its last note
}

// NewReporter returns a Reporter, which does nothing before Run.
func NewReporter(s *spool.Spool, notes Notes, log *slog.Logger) *Reporter {
	return &Reporter{spool: s, notes: notes, log: log, noted: map[string]string{}}
}

// String names the reporter in logs.
func (r *Reporter) String() string { return "spool report" }

// Run looks until ctx ends. It returns nil.
func (r *Reporter) Run(ctx context.Context) error {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-ticker.C:
			r.look(now)
		}
	}
}

func (r *Reporter) look(now time.Time) {
	queues, total := r.spool.Queues(), r.spool.Stats()
	for _, q := range queues {
		r.note(now, q, total)
	}
	switch r.state.next(now, queues) {
	case stillBehind:
		r.log.Warn("lines wait for the broker", fields(queues, total)...)
	case caughtUp:
		r.log.Info("backlog delivered", "dropped", total.Dropped)
	}
}

// note sends a note to the monitors of a device if something has changed.
func (r *Reporter) note(now time.Time, q spool.QueueStats, total spool.Stats) {
	if !r.notes.Active(q.Name) {
		delete(r.noted, q.Name)
		return
	}
	text := describe(q, total)
	if before, noted := r.noted[q.Name]; before == text || !noted && !behind(now, q) && q.Dropped == 0 {
		return
	}
	r.noted[q.Name] = text
	r.notes.Note(q.Name, now, text)
}

// describe returns: spool: 1234 lines wait, the oldest since 03:04:05; 12 dropped; 3456789 bytes on disk
func describe(q spool.QueueStats, total spool.Stats) string {
	var b strings.Builder
	fmt.Fprintf(&b, "spool: %d lines wait", q.Lines)
	if q.Lines > 0 && !q.Oldest.IsZero() {
		fmt.Fprintf(&b, ", the oldest since %s", q.Oldest.Local().Format(time.TimeOnly))
	}
	if q.Dropped > 0 {
		fmt.Fprintf(&b, "; %d dropped", q.Dropped)
	}
	if !total.MemoryOnly.IsZero() {
		fmt.Fprintf(&b, "; disk failing since %s", total.MemoryOnly.Local().Format(time.TimeOnly))
	}
	fmt.Fprintf(&b, "; %d bytes on disk", total.Disk)
	if total.Damaged > 0 {
		fmt.Fprintf(&b, ", %d places damaged", total.Damaged)
	}
	return b.String()
}

// fields returns the spool's state for the log.
func fields(queues []spool.QueueStats, total spool.Stats) []any {
	devices, oldest := 0, time.Time{}
	for _, q := range queues {
		if q.Lines == 0 {
			continue
		}
		devices++
		if !q.Oldest.IsZero() && (oldest.IsZero() || q.Oldest.Before(oldest)) {
			oldest = q.Oldest
		}
	}
	attrs := []any{"lines", total.Lines, "devices", devices, "disk", total.Disk, "dropped", total.Dropped, "damaged", total.Damaged}
	if !oldest.IsZero() {
		attrs = append(attrs, "oldest", oldest.UTC().Format(time.RFC3339))
	}
	return attrs
}
