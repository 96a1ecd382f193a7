// Package filewatch tells when what a handful of files hold has changed: the
// configuration, and what it names.
//
// It watches the files' folders, since most programs replace a file rather than
// write it, and those of every symbolic link on the way: Kubernetes re-points
// one next to the file, stow has the file itself in another folder. Whatever
// happens there, the contents decide, once it has been quiet for a moment:
// editors write in several steps. A slow look at the files covers what cannot be
// watched, such as network file systems and folders made anew.
//
// The package knows paths and contents. It never knows what a file is for.
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
	defaultMost  = 2 * time.Second        // after the first, however busy the folder is
	defaultLook  = time.Minute            // between looks without an event
)

// Watcher watches files while Run lasts. Its methods may be called from any
// goroutine.
type Watcher struct {
	log               *slog.Logger
	quiet, most, look time.Duration

	changed wake.Signal
	other   wake.Signal // there are other files to watch

	mu   sync.Mutex
	seen map[string]print // by file: what it held when it was looked at last
}

// New makes a watcher without files.
func New(log *slog.Logger) *Watcher {
	return &Watcher{log: log, quiet: defaultQuiet, most: defaultMost, look: defaultLook,
		changed: wake.NewSignal(), other: wake.NewSignal()}
}

// String names the watcher in logs.
func (w *Watcher) String() string { return "watch on the configuration's files" }

// Changed is signalled when a file's contents changed, or when it came or went.
// It has room for one signal: whoever takes it reads all files.
func (w *Watcher) Changed() <-chan struct{} { return w.changed }

// Watch has these files watched, and no others. What a new one among them holds
// now is known: whoever reads it afterwards misses nothing.
func (w *Watcher) Watch(files ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	seen := make(map[string]print, len(files))
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

// Note is for who reads all files for another reason, and comes before that: what
// they hold now is no news any more, and a signal of it is taken back.
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

// Run watches until ctx ends. Where the system does not let it, it only looks at
// the files from time to time.
func (w *Watcher) Run(ctx context.Context) error {
	folders := newWatched(w.log)
	defer folders.close()
	look := time.NewTicker(w.look)
	defer look.Stop()
	var settle settling
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-w.other:
			folders.watch(w.current())
			settle.event(time.Now(), w.quiet, w.most) // there may have been one before
			continue
		case <-folders.events:
			settle.event(time.Now(), w.quiet, w.most)
			continue
		case <-folders.errors: // of an overflow, say: then anything may have happened
			settle.event(time.Now(), w.quiet, w.most)
			continue
		case <-settle.due():
		case <-look.C:
		}
		settle = settling{}
		folders.watch(w.current()) // first, so that no change falls between the two
		w.compare()
	}
}

func (w *Watcher) current() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Collect(maps.Keys(w.seen))
}

// compare signals where the files hold something else than before.
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
