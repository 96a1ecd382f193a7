package doctor

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"arduino-gateway/internal/control"
	"arduino-gateway/internal/portowner"
	"arduino-gateway/internal/status"
)

// running is the gateway with this configuration's spool.dir, as far as it can be
// seen from outside.
type running struct {
	says   control.Status
	err    error              // why it says nothing; control.ErrNotRunning is that there is none
	locker *portowner.Process // who has the lock in spool.dir; nil: nobody, as far as can be seen
}

func (p Patient) ask(ctx context.Context) (r running) {
	path, err := control.Path(p.Config.Spool.Dir)
	if err != nil {
		return running{err: err}
	}
	r.says, r.err = control.AskStatus(ctx, path)
	lock := filepath.Join(p.Config.Spool.Dir, "lock")
	if all := portowner.Of(p.Machine.Root, lock)[lock]; len(all) > 0 {
		r.locker = &all[0]
	}
	return r
}

// answers tells whether the gateway runs and says how it is.
func (r running) answers() bool { return r.err == nil }

// lives tells whether a gateway runs, or may.
func (r running) lives() bool { return r.seen() || !errors.Is(r.err, control.ErrNotRunning) }

// seen tells whether a gateway runs for certain.
func (r running) seen() bool { return r.locker != nil || r.answers() }

// is tells whether a process is this gateway.
func (r running) is(pid int) bool {
	return r.answers() && r.says.PID == pid || r.locker != nil && r.locker.PID == pid
}

// device is what the gateway says of a device; without an ID, nothing.
func (r running) device(id string) status.Device {
	for _, d := range r.says.Devices {
		if d.ID == id {
			return d
		}
	}
	return status.Device{}
}

func (r running) paused(id string) bool { return !r.device(id).Port.PausedUntil.IsZero() }

// gateway tells whether one runs, and how it is as a whole.
func (p Patient) gateway(r running) []Finding {
	const check = "gateway"
	switch {
	case r.answers():
		return r.words(check)
	case !errors.Is(r.err, control.ErrNotRunning):
		return []Finding{fault(check, Warn, r.err)}
	case r.locker != nil:
		return []Finding{{check, Fail, fmt.Sprintf("%v has %s, and does not answer", r.locker, p.Config.Spool.Dir),
			"wait, if it has just been started or stopped; else look at its log, and restart it"}}
	}
	return []Finding{{check, Warn, "it does not run", fmt.Sprintf("%s run -c %s", p.Self, quoted(p.File))}}
}

// words puts what the gateway says into words.
func (r running) words(check string) []Finding {
	s := r.says
	online := 0
	for _, d := range s.Devices {
		if d.Online {
			online++
		}
	}
	found := []Finding{{check, OK, fmt.Sprintf("it runs since %s (pid %d, version %s), with %d of %s online",
		s.Started.Local().Format(time.DateTime), s.PID, s.Version, online, count(len(s.Devices), "device")), ""}}
	if s.Broker.Problem != "" {
		what, fix := parted(s.Broker.Problem)
		found = append(found, Finding{check, Fail, "it says: " + what, fix})
	}
	if !s.Spool.DiskDown.IsZero() {
		found = append(found, Finding{check, Fail, "it says: the disk takes nothing since " + s.Spool.DiskDown.Local().Format(time.DateTime), "see spool"})
	}
	if s.Spool.Lines > 0 && s.Broker.Problem != "" {
		found = append(found, Finding{check, Warn, "waiting for the broker: " + count(s.Spool.Lines, "line"), ""})
	}
	return found
}
