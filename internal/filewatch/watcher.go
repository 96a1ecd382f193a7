// Package filewatch signals when the contents of a few files have changed: the
// configuration, and the files it names.
//
// It watches the files' folders, since most programs replace a file rather than write
// it. What other files there contain does not wake it: the spool may be one of them, and
// is written once a line. It also watches the folders of every symbolic link on the way, of those in the
// targets of links, too: Kubernetes changes a link next to the file, Capistrano one to
// the folder above, NixOS a link behind two others, and stow links to a file in another
// folder. Of a folder that does not exist it watches the one in which it will be made.
// Only changed contents count, and they are read after a quiet moment, since editors
// write in several steps. A slow check of the files covers what cannot be watched, such
// as network file systems.
//
// The package knows paths and contents. It does not know what a file is for.
package filewatch

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"arduino-gateway/internal/wake"
)

const (
	defaultQuiet = 300 * time.Millisecond // after the last event, before the files are read
	defaultMost  = 2 * time.Second        // after the first event, however busy the folder is
	defaultCheck = time.Minute            // between checks without an event
)

// Watcher watches files while Run lasts. Its methods may be called from any
// goroutine.
type Watcher struct {
	log                *slog.Logger
	quiet, most, check time.Duration

	changed wake.Signal
	other   wake.Signal // the files to watch have changed

	mu   sync.Mutex
	seen map[string]fingerprint // by file: its contents at the last check
}

// New returns a watcher without files.
func New(log *slog.Logger) *Watcher {
	return &Watcher{log: log, quiet: defaultQuiet, most: defaultMost, check: defaultCheck,
		changed: wake.NewSignal(), other: wake.NewSignal()}
}

// String names the watcher in logs.
func (w *Watcher) String() string { return "watch on the configuration's files" }

// Changed is signalled when a file was made or removed, or its contents changed. It
// holds one signal: the receiver reads all files.
func (w *Watcher) Changed() <-chan struct{} { return w.changed }

// Watch sets the files to watch. For a file that is new among them, a change counts
// from now on: a caller that reads it afterwards misses nothing.
func (w *Watcher) Watch(files ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	seen := make(map[string]fingerprint, len(files))
	for _, file := range files {
		before, known := w.seen[file]
		if !known {
			before = contents(file)
		}
		seen[file] = before
	}
	w.seen = seen
	w.other.Set()
}

// MarkRead takes the present contents for read, and removes a signal about them. A
// caller that is about to read all files for another reason calls it first.
func (w *Watcher) MarkRead() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for file := range w.seen {
		w.seen[file] = contents(file)
	}
	select {
	case <-w.changed:
	default:
	}
}

// Run watches until ctx ends. If the system cannot watch, it only checks the files
// from time to time.
func (w *Watcher) Run(ctx context.Context) error {
	folders := newWatched(w.log)
	defer folders.close()
	check := time.NewTicker(w.check)
	defer check.Stop()
	var settle settling
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-w.other:
			folders.watch(w.current())
			settle.event(time.Now(), w.quiet, w.most) // a change may have come before the watch
			continue
		case <-folders.changed:
			settle.event(time.Now(), w.quiet, w.most)
			continue
		case <-folders.writing: // the file may be empty by now, until its program has closed it
			settle.event(time.Now(), w.most, w.most)
			continue
		case <-settle.due():
		case <-check.C:
		}
		settle = settling{}
		folders.watch(w.current()) // first, so that no change is missed in between
		w.compare()
	}
}

func (w *Watcher) current() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Collect(maps.Keys(w.seen))
}

// compare signals if the contents of a file differ from those before.
func (w *Watcher) compare() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for file, before := range w.seen {
		if now := contents(file); now != before {
			w.seen[file] = now
			w.changed.Set()
		}
	}
}

// settling waits for the end of a burst of events.
type settling struct {
	first time.Time
	timer <-chan time.Time
}

func (s *settling) event(now time.Time, quiet, most time.Duration) {
	if s.timer == nil {
		s.first = now
	}
	s.timer = time.After(min(quiet, s.first.Add(most).Sub(now)))
}

func (s *settling) due() <-chan time.Time { return s.timer }
