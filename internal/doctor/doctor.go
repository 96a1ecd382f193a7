package doctor

import (
	"context"
	"fmt"
	"os"
	"time"

	"arduino-gateway/internal/status"
)

// Limit is the time for all checks together.
const Limit = 5 * time.Second

// Level is the result of a check.
type Level string

// The levels of findings.
const (
	OK   Level = "ok"
	Warn Level = "warn" // something may fail, or is unknown
	Fail Level = "fail" // something does not work
)

// Finding is one result of a check.
type Finding struct {
	Check string `json:"check"` // what was checked, such as "broker mqtt://127.0.0.1:1883"
	Level Level  `json:"level"`
	What  string `json:"what"`
	Fix   string `json:"fix,omitempty"` // the command that fixes it, or what to do; "" if unknown
}

// Check is one thing to check.
type Check struct {
	Name string
	Look func(ctx context.Context) []Finding
}

// grace is how long a check may take to return after the limit.
const grace = 200 * time.Millisecond

// Run runs all checks concurrently, and returns their findings in order. A check that
// has not returned at the limit becomes a finding itself: on a dead network disk the
// kernel may block it, and its goroutine, for ever.
func Run(ctx context.Context, limit time.Duration, checks []Check) (findings []Finding) {
	over, end := context.WithTimeout(ctx, limit+grace)
	defer end()
	ctx, cancel := within(ctx, limit)
	defer cancel()
	answers := make([]chan []Finding, len(checks))
	for i, c := range checks {
		answers[i] = make(chan []Finding, 1)
		go func() { answers[i] <- c.Look(ctx) }()
	}
	for i, c := range checks {
		select {
		case f := <-answers[i]:
			findings = append(findings, f...)
		case <-over.Done():
			findings = append(findings, lateAnswer(c, answers[i], limit)...)
		}
	}
	return findings
}

func within(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, limit, fmt.Errorf("no answer within %v: %w", limit, os.ErrDeadlineExceeded))
}

// lateAnswer returns the findings of a check after the limit.
func lateAnswer(c Check, answer <-chan []Finding, limit time.Duration) []Finding {
	select {
	case f := <-answer:
		return f
	default:
		return []Finding{{c.Name, Fail, fmt.Sprintf("no answer within %v", limit), ""}}
	}
}

// Failed reports whether something does not work.
func Failed(findings []Finding) bool {
	for _, f := range findings {
		if f.Level == Fail {
			return true
		}
	}
	return false
}

// fault returns an error as a finding; its hint is the fix:
//
//	mqtt.password_file: open pw: no such file or directory (hint: …)
func fault(check string, level Level, err error) Finding {
	what, fix, _ := status.CutHint(err.Error())
	return Finding{check, level, what, fix}
}
