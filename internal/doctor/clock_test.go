package doctor

import (
	"errors"
	"testing"
	"time"

	"arduino-gateway/internal/clock"
)

// TestClock_Findings expects the finding for each kind of evidence.
func TestClock_Findings(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	silent := errors.New("no answer")
	asked := func(behind time.Duration, err error) clockSigns {
		return clockSigns{now: now, server: "pool.ntp.org", off: behind, unanswered: err}
	}
	for want, s := range map[string]clockSigns{
		"ok clock: 2026-01-02 03:04:05 UTC, agrees with pool.ntp.org":                                           asked(1900*time.Millisecond, nil),
		"warn clock: is 3s behind pool.ntp.org | sudo timedatectl set-ntp true":                                 asked(3*time.Second, nil),
		"fail clock: is 1h0m0s ahead of pool.ntp.org | sudo timedatectl set-ntp true":                           asked(-time.Hour, nil),
		"warn clock: no time service synchronizes it, and pool.ntp.org did not answer | sudo timedatectl":       asked(0, silent),
		"fail clock: is not reliable: no time server has been reached since boot | timedatectl timesync-status": {now: now, evidence: clock.Evidence{Service: true}},
		"fail clock: 1970-01-01 00:01:40 UTC is not reliable | sudo timedatectl":                                {now: time.Unix(100, 0)},
		"fail clock: is behind: devices.yaml was changed at 2026-01-02 04:04:05 UTC | sudo timedatectl set-ntp": {now: now, file: "devices.yaml", changed: now.Add(time.Hour)},
		"ok clock: synchronized by a time service":                                                              {now: now, evidence: clock.Evidence{Service: true, Synchronised: true}, changed: now.Add(-time.Hour)},
		"warn clock: UTC: no time service synchronizes it | sudo timedatectl":                                   {now: now, evidence: clock.Evidence{Battery: true}},
	} {
		check(t, []Finding{s.judge()}, want)
	}
	target := Target{Missing: errors.New("none"), TimeServer: "nohost.invalid"}
	if findings := target.clock(t.Context()); len(findings) != 1 || findings[0].Level == Fail {
		t.Errorf("%+v", findings)
	}
}
