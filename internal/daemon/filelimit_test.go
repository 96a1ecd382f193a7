package daemon

import "testing"

// The limit that Linux gives to a shell is enough for 192 boards.
func TestMissingFiles(t *testing.T) {
	for _, c := range []struct {
		devices int
		limit   uint64
		want    int
	}{{0, 64, 0}, {192, 1024, 0}, {193, 1024, 1029}, {500, 524288, 0}} {
		if got := missingFiles(c.devices, c.limit); got != c.want {
			t.Errorf("%d devices, limit %d: %d, want %d", c.devices, c.limit, got, c.want)
		}
	}
}
