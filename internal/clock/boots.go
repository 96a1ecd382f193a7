package clock

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	fileName = "clock"
	maxBoots = 16 // that the file keeps
	maxFile  = 4 << 10
)

// boot is a boot whose time is known. The file has one line for each, the newest
// first:
//
//	0f3a51d2c9e84b76 2026-11-24T05:36:12.5Z
type boot struct {
	name  uint64
	began time.Time
}

// readBoots reads the boots from the file, and ignores lines that are not valid.
func readBoots(file string) []boot {
	f, err := os.Open(file)
	if err != nil {
		return nil
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return nil
	}
	return parseBoots(string(text))
}

func parseBoots(text string) (boots []boot) {
	for line := range strings.Lines(text) {
		name, began, _ := strings.Cut(strings.TrimSpace(line), " ")
		number, err := strconv.ParseUint(name, 16, 64)
		at, wrong := time.Parse(time.RFC3339Nano, began)
		if err == nil && wrong == nil && len(boots) < maxBoots {
			boots = append(boots, boot{number, at})
		}
	}
	return boots
}

func formatBoots(boots []boot) []byte {
	var b bytes.Buffer
	for _, known := range boots[:min(len(boots), maxBoots)] {
		fmt.Fprintf(&b, "%016x %s\n", known.name, known.began.UTC().Format(time.RFC3339Nano))
	}
	return b.Bytes()
}
