package doctor

import (
	"context"
	"fmt"
	"os"
	"time"

	"arduino-gateway/internal/clock"
)

// Limits of a clock's error.
const (
	clockNear = 2 * time.Second  // a time service is far more exact
	clockFar  = 30 * time.Second // beyond it the times of readings mislead
)

// askTime is how long a time server may take to answer.
const askTime = 2 * time.Second

const setClock = "sudo timedatectl set-ntp true"

// clock checks whether the clock is reliable, and how far it is off.
func (t Target) clock(ctx context.Context) []Finding {
	s := clockSigns{now: time.Now(), evidence: clock.Inspect(), server: t.TimeServer}
	if info, err := os.Stat(t.File); err == nil && t.Missing == nil {
		s.file, s.changed = t.File, info.ModTime()
	}
	if t.TimeServer != "" {
		ctx, cancel := context.WithTimeout(ctx, askTime)
		defer cancel()
		s.off, s.unanswered = clock.Compare(ctx, t.TimeServer)
	}
	return []Finding{s.judge()}
}

// clockSigns are the evidence for and against the clock.
type clockSigns struct {
	now        time.Time
	evidence   clock.Evidence
	file       string        // a file, and when it was last changed
	changed    time.Time     //
	server     string        // the time server that was asked; "": none
	off        time.Duration // behind the server; negative: ahead
	unanswered error         // why the server gave no time
}

func (s clockSigns) judge() Finding {
	const check = "clock"
	shown := s.now.UTC().Format("2006-01-02 15:04:05 UTC")
	compared := s.server != "" && s.unanswered == nil
	switch {
	case compared && s.off.Abs() > clockFar:
		return Finding{check, Fail, fmt.Sprintf("%s is %v", shown, s.offText()), setClock}
	case compared && s.off.Abs() > clockNear:
		return Finding{check, Warn, fmt.Sprintf("%s is %v", shown, s.offText()), setClock}
	case compared:
		return Finding{check, OK, fmt.Sprintf("%s, agrees with %s", shown, s.server), ""}
	case !s.evidence.Plausible(s.now):
		return Finding{check, Fail, shown + " is not reliable: no time server has been reached since boot", setClock + " && timedatectl timesync-status"}
	case s.changed.After(s.now.Add(clockFar)):
		return Finding{check, Fail, fmt.Sprintf("%s is behind: %s was changed at %s", shown, s.file, s.changed.UTC().Format("2006-01-02 15:04:05 UTC")), setClock}
	case s.evidence.Synchronised:
		return Finding{check, OK, shown + ", synchronized by a time service", ""}
	}
	doubt := ": no time service synchronizes it"
	if s.server != "" {
		doubt += ", and " + s.server + " did not answer"
	}
	return Finding{check, Warn, shown + doubt, setClock}
}

// offText formats the error: 3m20s ahead of pool.ntp.org
func (s clockSigns) offText() string {
	way := "behind"
	if s.off < 0 {
		way = "ahead of"
	}
	return fmt.Sprintf("%v %s %s", s.off.Abs().Round(time.Second), way, s.server)
}
