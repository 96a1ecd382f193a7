package doctor

import (
	"bytes"
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// What hangs for ever costs no more than the limit, and hides nothing else.
func TestRunIsBounded(t *testing.T) {
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
		found := Run(t.Context(), Limit, checks)
		if took := time.Since(began); took != Limit+grace {
			t.Errorf("it took %v", took)
		}
		check(t, found, "warn x: gave up", "fail hangs: no answer within 5s", "ok x: done", "fail dead too: no answer within 5s")
		if !Failed(found) || Failed(found[2:3]) {
			t.Error("failed is wrong")
		}
		close(release)
		synctest.Wait()
	})
}

func TestPrint(t *testing.T) {
	found := []Finding{
		{"spool", OK, "/var/lib/gateway can be written", ""},
		{"device grün", Fail, "the board says \x1b[2J", "sudo usermod -aG dialout pi"},
	}
	var text, array bytes.Buffer
	if err := Print(&text, found); err != nil {
		t.Fatal(err)
	}
	want := `ok    spool        /var/lib/gateway can be written
fail  device grün  the board says ?[2J
      sudo usermod -aG dialout pi
`
	if text.String() != want {
		t.Errorf("got\n%s\nwant\n%s", text.String(), want)
	}
	if err := PrintJSON(&array, nil); err != nil || array.String() != "[]\n" {
		t.Error(array.String(), err)
	}
	array.Reset()
	if err := PrintJSON(&array, found[:1]); err != nil {
		t.Fatal(err)
	}
	if want := "[\n  {\n    \"check\": \"spool\",\n    \"level\": \"ok\",\n    \"what\": \"/var/lib/gateway can be written\"\n  }\n]\n"; array.String() != want {
		t.Error(array.String())
	}
}
