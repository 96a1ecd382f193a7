package gateway

import (
	"fmt"
	"testing"
	"time"

	"arduino-gateway/internal/protocol"
)

// A first line that may be cut is heard by the command that waits for it, and held for the
// next line. One with a checksum is whole.
func TestDevice_HoldsAFirstLineThatMayBeCut(t *testing.T) {
	f := newFixture()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	f.FirstLine(at, []byte("t=1"))
	if f.parser.first != "t=1" || len(f.queue.lines) != 0 {
		t.Errorf("held %q, published %v", f.parser.first, f.queue.lines)
	}
	f.parser.first = ""
	f.FirstLine(at, fmt.Appendf(nil, "t=2 ~%04X", protocol.Sum([]byte("t=2"))))
	if f.parser.first != "" || len(f.queue.lines) != 1 {
		t.Errorf("held %q, published %v", f.parser.first, f.queue.lines)
	}
}
