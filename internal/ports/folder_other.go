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

// folderWatch reads the names in a folder again and again.
type folderWatch struct {
	folder  string
	changed func(mayAppear bool)
}

func openWatch(folder string, changed func(mayAppear bool)) (*folderWatch, error) {
	return &folderWatch{folder, changed}, nil
}

func (*folderWatch) close() {}

// catchUp returns false: a change is not known before the next poll.
func (*folderWatch) catchUp() bool { return false }

// run calls changed with true when a name that may be a port's appears in the folder,
// until ctx ends.
func (w *folderWatch) run(ctx context.Context) error {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	var before []string
	for {
		now := namesIn(w.folder)
		if slices.ContainsFunc(now, func(name string) bool { return !slices.Contains(before, name) }) {
			w.changed(true)
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
