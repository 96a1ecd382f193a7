package serialbridge

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
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

// A board is reported after ten seconds without a line ending, however much or little it
// sends, and not for long lines that end.
func TestNoNewline_DueAfterTenSeconds(t *testing.T) {
	at := func(second int) time.Time { return time.Unix(int64(second), 0) }
	var endless, ends, opens noNewline
	for second := range 30 {
		if endless.due(uint64(second+1), 7, at(second)) != (second == 10) {
			t.Errorf("without an ending: wrong after %d s", second)
		}
		if ends.due(5000, uint64(second/9), at(second)) {
			t.Errorf("with endings: logged after %d s", second)
		}
		if second%9 == 0 {
			opens.opened()
		}
		if opens.due(40, 0, at(second)) {
			t.Errorf("with opens: logged after %d s", second)
		}
	}
}
