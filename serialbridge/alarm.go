package serialbridge

import "time"

// alarms are what the watchdog has told the user.
type alarms struct {
	standing alarm    // the problem of the port while it is open; zero: none
	silences logLimit // of the log, for a board that is silent again and again
}

// alarm is a problem that a person has to look at.
type alarm struct{ what, hint string }

// alarm returns what is wrong with a board that stays silent.
func (w *watchdog) alarm() alarm {
	if w.printed || w.last == reportSilent {
		return alarm{"board stops printing soon after each restart",
			"check its power and its sketch; if it prints seldom, raise silence"}
	}
	return alarm{"board still silent after its port was reopened", "check its power, its cable and its sketch"}
}

// raiseAlarm keeps what is wrong as the problem of the port.
func (s *session) raiseAlarm() {
	s.port.alarms.standing = s.port.watchdog.alarm()
	s.port.clearProblem()
}

func (s *session) logAlarm() {
	p := s.port
	p.log.Error(p.alarms.standing.what, "silent_for", s.at.Sub(p.watchdog.since).Round(time.Second),
		"tries", p.watchdog.cycles, "hint", p.alarms.standing.hint)
}

// clearProblem leaves the alarm as the only problem of the port.
func (p *Port) clearProblem() { p.stats.setProblem(p.alarms.standing.what, p.alarms.standing.hint) }
