package doctor

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// TestRun_EndsAtTheLimit has checks that hang for ever: they cost no more than the limit,
// and the findings of the others are returned.
func TestRun_EndsAtTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		finds := func(level Level, what string) []Finding { return []Finding{{"x", level, what, ""}} }
		checks := []Check{
			{"waits", func(ctx context.Context) []Finding { <-ctx.Done(); return finds(Warn, "gave up") }},
			{"hangs", func(context.Context) []Finding { <-release; return nil }},
			{"quick", func(context.Context) []Finding { return finds(OK, "done") }},
			{"dead too", func(context.Context) []Finding { <-release; return nil }},
		}
		began := time.Now()
		findings := Run(t.Context(), Limit, checks)
		if took := time.Since(began); took != Limit+grace {
			t.Errorf("it took %v", took)
		}
		check(t, findings, "warn x: gave up", "fail hangs: no answer within 5s", "ok x: done", "fail dead too: no answer within 5s")
		if !Failed(findings) || Failed(findings[2:3]) {
			t.Error("failed is wrong")
		}
		close(release)
		synctest.Wait()
	})
}
