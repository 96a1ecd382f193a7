package gateway

import (
	"strings"
	"testing"
	"time"
)

func TestMaxLineHint(t *testing.T) {
	for length, want := range map[int]string{
		65: "max_line: 128", 1025: "max_line: 2048", 1208: "max_line: 2048", 2048: "max_line: 2048", 16_384: "max_line: 16384",
		16_385: "print shorter lines: max_line allows up to 16384 bytes",
	} {
		if got := maxLineHint(length); got != want {
			t.Errorf("%d bytes: %q", length, got)
		}
	}
}

func TestDevice_ReportsOverlongLines(t *testing.T) {
	f := newFixture()
	f.Overlong(time.Unix(1, 0), 1208)
	if got := f.log.String(); !strings.Contains(got, "line too long and dropped") || !strings.Contains(got, "bytes=1208") || !strings.Contains(got, `hint="max_line: 2048"`) {
		t.Errorf("logged %s", got)
	}
}
