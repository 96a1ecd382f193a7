package clock

import (
	"bytes"
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	fileName = "clock"
	maxBoots = 16 // that the file keeps
)

// boot is a boot whose time is known. The file has one line for each, the newest
// first:
//
//	0f3a51d2c9e84b76 2026-11-24T05:36:12.5Z
type boot struct {
	name  uint64
	began time.Time
}

// parseBoots reads the file. The error is about the first line that is not valid; the
// boots are those of the others.
func parseBoots(text string) (boots []boot, err error) {
	for line := range strings.Lines(text) {
		name, began, _ := strings.Cut(strings.TrimSpace(line), " ")
		number, wrongName := strconv.ParseUint(name, 16, 64)
		at, wrongTime := time.Parse(time.RFC3339Nano, began)
		if wrong := cmp.Or(wrongName, wrongTime); wrong != nil {
			err = cmp.Or(err, wrong)
		} else if len(boots) < maxBoots {
			boots = append(boots, boot{number, at})
		}
	}
	return boots, err
}

func formatBoots(boots []boot) []byte {
	var b bytes.Buffer
	for _, known := range boots[:min(len(boots), maxBoots)] {
		fmt.Fprintf(&b, "%016x %s\n", known.name, known.began.UTC().Format(time.RFC3339Nano))
	}
	return b.Bytes()
}
