package serialbridge

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"arduino-gateway/internal/lineformat"
)

// A board whose sketch prints "n=1 " would otherwise be silent for ever
// without a reason.
func TestPort_LogsMissingLineEndings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		raw, seen := newFakePort(), newRecorder(t)
		var log countingLog
		p := fakes(seen, func() (rawPort, error) { return raw, nil })
		p.log = slog.New(&log)
		stopping := start(t, p)
		seen.expect("opened")
		for range 300 { // five minutes
			raw.input <- []byte(strings.Repeat("n=1 ", 10))
			time.Sleep(time.Second)
		}
		synctest.Wait()
		if n := log.warnings.Load(); n < 1 || n > 4 {
			t.Errorf("%d warnings in five minutes", n)
		}
		stopping.stop()
	})
}

// The half lines that opens find do not count as missing line endings.
func TestNoNewline_IgnoresHalfLinesAtOpens(t *testing.T) {
	var e noNewline
	var c lineformat.Counts
	for n := range 1000 {
		e.opened(c)
		c.SyncBytes += 40
		if bytes, due := e.due(c, time.Unix(int64(n), 0)); due {
			t.Fatalf("%d bytes logged after %d opens", bytes, n+1)
		}
	}
	c.OverlongBytes += lineformat.MaxLine
	if bytes, due := e.due(c, time.Unix(1000, 0)); !due || bytes != 40+lineformat.MaxLine {
		t.Errorf("%d bytes, %t", bytes, due)
	}
}
