//go:build !linux

package ports

import (
	"context"
	"os"
	"slices"
	"time"
)

// pollEvery is how often the folder is read. kqueue is not used: it would open the
// files in the folder.
const pollEvery = time.Second

// watchFolder calls changed when a name that may be a port's appears in the folder,
// until ctx ends.
func watchFolder(ctx context.Context, folder string, changed func()) error {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	var before []string
	for {
		now := namesIn(folder)
		if slices.ContainsFunc(now, func(name string) bool { return !slices.Contains(before, name) }) {
			changed()
		}
		before = now
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func namesIn(folder string) (names []string) {
	entries, _ := os.ReadDir(folder)
	for _, entry := range entries {
		if mayBePortName(entry.Name()) {
			names = append(names, entry.Name())
		}
	}
	return names
}
