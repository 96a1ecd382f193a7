//go:build !linux

package filewatch

import (
	"slices"
	"sync"

	"github.com/fsnotify/fsnotify"

	"arduino-gateway/internal/wake"
)

// notifier receives the system's events about folders.
type notifier struct {
	changed wake.Signal // something happened
	writing wake.Signal // nil: a write is not distinguished from its end
	watcher *fsnotify.Watcher
	reading sync.WaitGroup
}

func newNotifier() (*notifier, error) {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	n := &notifier{changed: wake.NewSignal(), watcher: watcher}
	n.reading.Go(n.read)
	return n, nil
}

func (n *notifier) close() {
	_ = n.watcher.Close() // an error changes nothing
	n.reading.Wait()
}

// read signals until the notifier is closed.
func (n *notifier) read() {
	for {
		var open bool
		select {
		case _, open = <-n.watcher.Events:
		case _, open = <-n.watcher.Errors: // such as an overflow: anything may have happened
		}
		if !open {
			return
		}
		n.changed.Set()
	}
}

// set watches these folders, and no others. The system reports the files in them, too. late
// is called for a folder that cannot be watched.
func (n *notifier) set(folders, _ []string, late func(folder string, err error)) {
	for _, folder := range n.watcher.WatchList() {
		if !slices.Contains(folders, folder) {
			_ = n.watcher.Remove(folder) // an error means that it is already gone
		}
	}
	for _, folder := range folders {
		if err := n.watcher.Add(folder); err != nil {
			late(folder, err)
		}
	}
}
