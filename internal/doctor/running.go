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

// running is the gateway that uses this configuration's spool.dir, as far as it can be
// seen from outside.
type running struct {
	status control.Status
	err    error              // why there is no status; control.ErrNotRunning: no gateway runs
	locker *portowner.Process // the process that locks spool.dir; nil: none that can be seen
}

func (t Target) ask(ctx context.Context) (r running) {
	path, err := control.Path(t.Config.Spool.Dir)
	if err != nil {
		return running{err: err}
	}
	r.status, r.err = control.AskStatus(ctx, path)
	lock := filepath.Join(t.Config.Spool.Dir, "lock")
	if all := portowner.Of(t.Machine.Root, lock)[lock]; len(all) > 0 {
		r.locker = &all[0]
	}
	return r
}

// answers reports whether the gateway runs and returned its status.
func (r running) answers() bool { return r.err == nil }

// mayRun reports whether a gateway runs, or may.
func (r running) mayRun() bool { return r.runs() || !errors.Is(r.err, control.ErrNotRunning) }

// runs reports whether a gateway runs for certain.
func (r running) runs() bool { return r.locker != nil || r.answers() }

// hasPID reports whether a process is this gateway.
func (r running) hasPID(pid int) bool {
	return r.answers() && r.status.PID == pid || r.locker != nil && r.locker.PID == pid
}

// device returns the status of a device; without an ID if the gateway reported none.
func (r running) device(id string) status.Device {
	for _, d := range r.status.Devices {
		if d.ID == id {
			return d
		}
	}
	return status.Device{}
}

func (r running) paused(id string) bool { return !r.device(id).Port.PausedUntil.IsZero() }

// gateway checks whether one runs, and its overall status.
func (t Target) gateway(r running) []Finding {
	const check = "gateway"
	switch {
	case r.answers():
		return r.findings(check)
	case !errors.Is(r.err, control.ErrNotRunning):
		return []Finding{fault(check, Warn, r.err)}
	case r.locker != nil:
		return []Finding{{check, Fail, fmt.Sprintf("%v uses %s and does not answer", r.locker, t.Config.Spool.Dir),
			"if it was just started or stopped, wait; else check its log and restart it"}}
	}
	return []Finding{{check, Warn, "not running", fmt.Sprintf("%s run -c %s", t.Self, quoted(t.File))}}
}

// findings returns what the gateway reports of itself.
func (r running) findings(check string) []Finding {
	s := r.status
	online := 0
	for _, d := range s.Devices {
		if d.Online {
			online++
		}
	}
	findings := []Finding{{check, OK, fmt.Sprintf("running since %s (pid %d, version %s), %d of %s online",
		s.Started.Local().Format(time.DateTime), s.PID, s.Version, online, count(len(s.Devices), "device")), ""}}
	for _, problem := range s.Broker.Problems {
		what, fix, _ := status.CutHint(problem)
		findings = append(findings, Finding{check, Fail, "it reports: " + what, fix})
	}
	if s.Broker.Refused > 0 {
		findings = append(findings, putAside(check, s.Broker.Refused))
	}
	if !s.Spool.DiskDown.IsZero() {
		findings = append(findings, Finding{check, Fail, "it reports: nothing could be written to disk since " + s.Spool.DiskDown.Local().Format(time.DateTime), "see spool"})
	}
	if s.Spool.Lines > 0 && !s.Broker.Connected {
		findings = append(findings, Finding{check, Warn, "waiting for the broker: " + count(s.Spool.Lines, "line"), ""})
	}
	return findings
}

// putAside reports messages that the broker does not take.
func putAside(check string, n uint64) Finding {
	return Finding{check, Warn, "put aside because the broker does not take them: " + count(int(n), "message"),
		"read them and the reasons below spool.dir, in the folder refused"}
}
