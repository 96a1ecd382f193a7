//go:build unix

package daemon

import (
	"math"

	"golang.org/x/sys/unix"
)

// fileLimit returns how many files this program may have open. The Go runtime has raised
// it as far as the system allows.
func fileLimit() uint64 {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil {
		return math.MaxInt
	}
	return uint64(limit.Cur)
}
