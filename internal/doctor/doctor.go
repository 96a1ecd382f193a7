package doctor

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"
)

// Limit bounds all checks together.
const Limit = 5 * time.Second

// Level says how a check went.
type Level string

// The levels of findings.
const (
	OK   Level = "ok"
	Warn Level = "warn" // it may become a fault, or cannot be told
	Fail Level = "fail" // something does not work
)

// Finding is what a check found.
type Finding struct {
	Check string `json:"check"` // what was looked at, such as "broker mqtt://127.0.0.1:1883"
	Level Level  `json:"level"`
	What  string `json:"what"`
	Fix   string `json:"fix,omitempty"` // the command that mends it, or else what to do; "" where that is not known
}

// Check is one thing to look at.
type Check struct {
	Name string
	Look func(ctx context.Context) []Finding
}

// grace is what a check gets to come back once its time is over.
const grace = 200 * time.Millisecond

// Run runs all checks at the same time, and gives what they found in their
// order. One that has no answer when the limit is over is a finding itself: on a
// dead network disk the kernel may hold it for ever, and its goroutine with it.
func Run(ctx context.Context, limit time.Duration, checks []Check) (found []Finding) {
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
			found = append(found, f...)
		case <-over.Done():
			found = append(found, lateAnswer(c, answers[i], limit)...)
		}
	}
	return found
}

func within(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, limit, fmt.Errorf("no answer within %v: %w", limit, os.ErrDeadlineExceeded))
}

// lateAnswer is for a check after the limit.
func lateAnswer(c Check, answer <-chan []Finding, limit time.Duration) []Finding {
	select {
	case f := <-answer:
		return f
	default:
		return []Finding{{c.Name, Fail, fmt.Sprintf("no answer within %v", limit), ""}}
	}
}

// Failed tells whether something does not work.
func Failed(found []Finding) bool {
	for _, f := range found {
		if f.Level == Fail {
			return true
		}
	}
	return false
}

// fault is a finding made of an error, whose hint is the fix:
//
//	mqtt.password_file: open pw: no such file or directory (hint: …)
func fault(check string, level Level, err error) Finding {
	what, fix := parted(err.Error())
	return Finding{check, level, what, fix}
}

// parted takes the hint off an error's text.
func parted(text string) (what, hint string) {
	const begin = " (hint: "
	at := strings.LastIndex(text, begin)
	if at < 0 || !strings.HasSuffix(text, ")") {
		return text, ""
	}
	return text[:at], text[at+len(begin) : len(text)-1]
}
