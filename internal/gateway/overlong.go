package gateway

import (
	"fmt"
	"math/bits"
	"time"

	"arduino-gateway/device"
)

// overlong shows that a line of so many bytes was dropped because of its length.
func (r *reporter) overlong(at time.Time, length int) {
	hint := maxLineHint(length)
	r.note(at, fmt.Sprintf("line too long and dropped: %d bytes (hint: %s)", length, hint))
	if r.overlongs.allows(at) {
		r.log.Warn("line too long and dropped", "device", r.id, "bytes", length, "hint", hint)
	}
}

// maxLineHint returns what to set for lines of length bytes: the next power of two.
func maxLineHint(length int) string {
	if length > device.MostMaxLine {
		return fmt.Sprintf("print shorter lines: max_line allows up to %d bytes", device.MostMaxLine)
	}
	return fmt.Sprintf("max_line: %d", max(device.LeastMaxLine, 1<<bits.Len(uint(length-1))))
}
