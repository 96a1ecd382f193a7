package filewatch

import (
	"crypto/sha256"
	"encoding/binary"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"github.com/fsnotify/fsnotify"
)

const (
	maxLinks = 40      // as many as the kernel follows
	maxBytes = 4 << 20 // of a file that are compared
)

// fingerprint identifies the contents of a file.
type fingerprint [sha256.Size]byte

// contents returns the fingerprint of a file, which is zero if it cannot be read. It
// opens only regular files, which cannot block.
func contents(file string) fingerprint {
	info, err := os.Stat(file)
	if err != nil || !info.Mode().IsRegular() {
		return fingerprint{}
	}
	f, err := os.Open(file)
	if err != nil {
		return fingerprint{}
	}
	defer f.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, io.LimitReader(f, maxBytes))
	if err != nil {
		return fingerprint{}
	}
	_ = binary.Write(sum, binary.LittleEndian, n) // an empty file differs from a missing one
	return fingerprint(sum.Sum(nil))
}

// folders returns the folders in which a file can be changed or replaced: its own,
// those of the links to it, and those of the links in the folders' own paths.
func folders(file string) (all []string) {
	for range maxLinks {
		dir := filepath.Dir(file)
		all = append(all, dir)
		for at := dir; at != filepath.Dir(at); at = filepath.Dir(at) {
			if info, err := os.Lstat(at); err == nil && info.Mode()&fs.ModeSymlink != 0 {
				all = append(all, filepath.Dir(at))
			}
		}
		target, err := os.Readlink(file)
		if err != nil {
			break // not a link, or missing
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(dir, target)
		}
		file = target
	}
	return all
}

// watched holds the folders under watch, by their real names: a link may lead to
// another folder the next time.
type watched struct {
	notify *fsnotify.Watcher // nil: the system has none left
	events <-chan fsnotify.Event
	errors <-chan error
	log    *slog.Logger
	logged bool // that changes are noticed late
}

func newWatched(log *slog.Logger) *watched {
	w := &watched{log: log}
	notify, err := fsnotify.NewWatcher()
	if err != nil {
		w.late("", err)
		return w
	}
	w.notify, w.events, w.errors = notify, notify.Events, notify.Errors
	return w
}

func (w *watched) close() {
	if w.notify != nil {
		_ = w.notify.Close() // an error changes nothing
	}
}

// late logs once that a folder cannot be watched. The slow check and SIGHUP remain.
func (w *watched) late(folder string, err error) {
	if !w.logged {
		w.logged = true
		w.log.Warn("cannot watch files: changes are noticed late", "folder", folder, "error", err, "hint", "SIGHUP reloads at once")
	}
}

// watch watches the folders of these files, and no others.
func (w *watched) watch(files []string) {
	if w.notify == nil {
		return
	}
	wanted := realFolders(files)
	for _, dir := range w.notify.WatchList() {
		if !slices.Contains(wanted, dir) {
			_ = w.notify.Remove(dir) // an error means that it is already gone
		}
	}
	for _, dir := range wanted {
		if err := w.notify.Add(dir); err != nil {
			w.late(dir, err)
		}
	}
}

// realFolders returns the folders of all files, without links.
func realFolders(files []string) (all []string) {
	for _, file := range files {
		if abs, err := filepath.Abs(file); err == nil {
			file = abs
		}
		for _, dir := range folders(file) {
			if real, err := filepath.EvalSymlinks(dir); err == nil && !slices.Contains(all, real) {
				all = append(all, real)
			}
		}
	}
	return all
}
