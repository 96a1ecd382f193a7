//go:build !unix

package daemon

import "math"

// fileLimit returns no limit: this system has none that a gateway reaches.
func fileLimit() uint64 { return math.MaxInt }
