package doctor

import (
	"context"
	"fmt"
	"os"
	"time"

	"arduino-gateway/internal/clock"
)

// How far a clock may be off.
const (
	clockNear = 2 * time.Second  // a time service keeps it much nearer
	clockFar  = 30 * time.Second // from here on the times of readings mislead
)

// askTime is how long a time server has to answer.
const askTime = 2 * time.Second

const setClock = "sudo timedatectl set-ntp true"

// clock tells whether the clock can be believed, and how far it is off.
func (p Patient) clock(ctx context.Context) []Finding {
	s := clockSigns{now: time.Now(), evidence: clock.Look(), server: p.TimeServer}
	if info, err := os.Stat(p.File); err == nil && p.Missing == nil {
		s.file, s.changed = p.File, info.ModTime()
	}
	if p.TimeServer != "" {
		ctx, cancel := context.WithTimeout(ctx, askTime)
		defer cancel()
		s.off, s.unanswered = clock.Compare(ctx, p.TimeServer)
	}
	return []Finding{s.judge()}
}

// clockSigns are what speaks for and against the clock.
type clockSigns struct {
	now        time.Time
	evidence   clock.Evidence
	file       string        // that was written at some time
	changed    time.Time     //
	server     string        // that was asked; "" is none
	off        time.Duration // behind the server; negative is ahead
	unanswered error
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
		return Finding{check, OK, fmt.Sprintf("%s, as %s has it", shown, s.server), ""}
	case !s.evidence.Believable(s.now):
		return Finding{check, Fail, shown + " is not the time: no time server was reached since the boot", setClock + " && timedatectl timesync-status"}
	case s.changed.After(s.now.Add(clockFar)):
		return Finding{check, Fail, fmt.Sprintf("%s is behind: %s was changed at %s", shown, s.file, s.changed.UTC().Format("2006-01-02 15:04:05 UTC")), setClock}
	case s.evidence.Synchronised:
		return Finding{check, OK, shown + ", kept by a time service", ""}
	}
	doubt := ": no time service keeps it"
	if s.server != "" {
		doubt += ", and no answer came from " + s.server
	}
	return Finding{check, Warn, shown + doubt, setClock}
}

// offText: 3m20s ahead of pool.ntp.org
func (s clockSigns) offText() string {
	way := "behind"
	if s.off < 0 {
		way = "ahead of"
	}
	return fmt.Sprintf("%v %s %s", s.off.Abs().Round(time.Second), way, s.server)
}
