//go:build !linux

package ports

import (
	"context"
	"os"
	"slices"
	"time"
)

// lookEvery is how often the folder is read where it cannot be watched without
// opening what is in it, as kqueue would.
const lookEvery = time.Second

// watchFolder calls changed when a name of interest has come into the folder,
// until ctx ends.
func watchFolder(ctx context.Context, folder string, changed func()) error {
	ticker := time.NewTicker(lookEvery)
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
