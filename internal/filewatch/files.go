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
	mostLinks = 40      // as the kernel follows
	mostBytes = 4 << 20 // of a file that are compared
)

// print stands for what a file holds.
type print [sha256.Size]byte

// contents gives one value for every file that cannot be read, and only opens
// what cannot block.
func contents(file string) (p print) {
	info, err := os.Stat(file)
	if err != nil || !info.Mode().IsRegular() {
		return print{}
	}
	f, err := os.Open(file)
	if err != nil {
		return print{}
	}
	defer f.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, io.LimitReader(f, mostBytes))
	if err != nil {
		return print{}
	}
	_ = binary.Write(sum, binary.LittleEndian, n) // an empty file is not a missing one
	return print(sum.Sum(nil))
}

// folders gives the folders in which a file can be changed or exchanged: its
// own, those of the links that lead to it, and those of the links among these
// folders' names.
func folders(file string) (all []string) {
	for range mostLinks {
		dir := filepath.Dir(file)
		all = append(all, dir)
		for at := dir; at != filepath.Dir(at); at = filepath.Dir(at) {
			if info, err := os.Lstat(at); err == nil && info.Mode()&fs.ModeSymlink != 0 {
				all = append(all, filepath.Dir(at))
			}
		}
		target, err := os.Readlink(file)
		if err != nil {
			break // it is no link, or is not there
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(dir, target)
		}
		file = target
	}
	return all
}

// watched are the folders under watch. A folder goes by its real name: one link
// may lead to another folder next time.
type watched struct {
	notify *fsnotify.Watcher // nil where the system has none left
	events <-chan fsnotify.Event
	errors <-chan error
	log    *slog.Logger
	told   bool // that some change is noticed late
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
		_ = w.notify.Close() // there is nothing to be done about an error
	}
}

// late is no reason to give up: there is the slow look, and SIGHUP.
func (w *watched) late(folder string, err error) {
	if !w.told {
		w.told = true
		w.log.Warn("changed files are noticed late", "folder", folder, "error", err, "hint", "SIGHUP reloads at once")
	}
}

// watch has the folders of these files watched, and no others.
func (w *watched) watch(files []string) {
	if w.notify == nil {
		return
	}
	wanted := realFolders(files)
	for _, dir := range w.notify.WatchList() {
		if !slices.Contains(wanted, dir) {
			_ = w.notify.Remove(dir) // an error means that it is gone
		}
	}
	for _, dir := range wanted {
		if err := w.notify.Add(dir); err != nil {
			w.late(dir, err)
		}
	}
}

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
