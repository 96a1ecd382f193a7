package config

import (
	"math"
	"strconv"
	"strings"

	"arduino-gateway/internal/strictyaml"
)

// units of a size: KB is 1000 bytes and KiB 1024, as on disks and in df. B is last,
// since the others end in it.
var units = []struct {
	suffix string
	bytes  int64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
	{"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1},
}

// leastSize is enough for more than a moment of lines.
const leastSize = 1_000_000

// size reads a number of bytes with its unit.
func (r *reader) size(to *int64) strictyaml.Set {
	return r.doc.Scalar("a size", func(key string, n *strictyaml.Node) {
		size, ok := parseSize(n.Value)
		if !ok || size < leastSize {
			r.doc.Reject(n, key, strictyaml.Quote(n.Value)+" is not a size of at least 1MB", "such as 256MB or 2GB")
			return
		}
		*to = size
	})
}

func parseSize(text string) (int64, bool) {
	for _, unit := range units {
		digits, ok := strings.CutSuffix(text, unit.suffix)
		if !ok {
			continue
		}
		v, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
		if err != nil || v < 0 || v > math.MaxInt64/unit.bytes {
			return 0, false
		}
		return v * unit.bytes, true
	}
	return 0, false
}
