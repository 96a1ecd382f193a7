package filewatch

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
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

// folders returns the folders in which a change may lead to other contents of a file,
// without links: its own, and the folder of each link that is followed on the way to it,
// through any number of links. Of a file that is missing it is the last folder on the way
// that exists: what is missing will be made there.
func folders(file string) (all []string) {
	at, rest := split(file)
	for links := 0; len(rest) > 0; {
		next := filepath.Join(at, rest[0])
		info, err := os.Lstat(next)
		switch {
		case rest[0] == "..":
			at, rest = filepath.Dir(at), rest[1:]
		case err != nil:
			return append(all, at)
		case info.Mode()&fs.ModeSymlink != 0 && links < maxLinks:
			all = append(all, at)
			links++
			target, _ := os.Readlink(next) // if it is gone, the folder above is the last
			root, steps := split(target)
			if filepath.IsAbs(target) {
				at = root
			}
			rest = append(steps, rest[1:]...)
		case len(rest) == 1:
			return append(all, at)
		default:
			at, rest = next, rest[1:]
		}
	}
	return append(all, at) // the file is a folder
}

// split returns the root of a path and its steps: / and etc, gateway, devices.yaml. It
// keeps each .., which does not undo a step through a link.
func split(path string) (root string, steps []string) {
	volume := filepath.VolumeName(path)
	steps = strings.FieldsFunc(path[len(volume):], func(c rune) bool { return c < utf8.RuneSelf && os.IsPathSeparator(uint8(c)) })
	return volume + string(filepath.Separator), slices.DeleteFunc(steps, func(step string) bool { return step == "." })
}

// watched holds what is under watch.
type watched struct {
	notify           *notifier // nil: the system has none left
	changed, writing <-chan struct{}
	log              *slog.Logger
	logged           bool // that changes are noticed late
}

func newWatched(log *slog.Logger) *watched {
	w := &watched{log: log}
	notify, err := newNotifier()
	if err != nil {
		w.late("", err)
		return w
	}
	w.notify, w.changed, w.writing = notify, notify.changed, notify.writing
	return w
}

func (w *watched) close() {
	if w.notify != nil {
		w.notify.close()
	}
}

// late logs once that a folder cannot be watched, unless it does not exist any more. The
// slow check and SIGHUP remain.
func (w *watched) late(folder string, err error) {
	if !w.logged && !errors.Is(err, fs.ErrNotExist) {
		w.logged = true
		w.log.Warn("cannot watch files: changes are noticed late", "folder", folder, "error", err, "hint", "SIGHUP reloads at once")
	}
}

// watch watches these files and their folders, and no others. What is made or linked in a
// folder before it is watched is found by another look.
func (w *watched) watch(files []string) {
	if w.notify == nil {
		return
	}
	var wanted []string
	for range maxLinks {
		before := wanted
		if wanted = allFolders(files); slices.Equal(wanted, before) {
			break
		}
		w.notify.set(wanted, files, w.late)
	}
}

// allFolders returns the folders of all files, each once.
func allFolders(files []string) (all []string) {
	for _, file := range files {
		if abs, err := filepath.Abs(file); err == nil {
			file = abs
		}
		all = append(all, folders(file)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
