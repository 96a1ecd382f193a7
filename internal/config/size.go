package config

import (
	"math"
	"strconv"
	"strings"

	"arduino-gateway/internal/strictyaml"
)

// units of a size, in any case: KB is 1000 bytes and KiB 1024, as on disks and in df. B
// is last, since the others end in it.
var units = []struct {
	suffix string
	bytes  int64
}{
	{"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30}, {"tib", 1 << 40},
	{"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9}, {"tb", 1e12}, {"b", 1},
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
		digits, ok := strings.CutSuffix(strings.ToLower(text), unit.suffix)
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
