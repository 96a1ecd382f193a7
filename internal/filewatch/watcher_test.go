package filewatch

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds every wait.
const patience = 20 * time.Second

// start watches a file with the slow look off, unless tune says otherwise.
func start(t *testing.T, file string, tune ...func(*Watcher)) *Watcher {
	t.Helper()
	w := New(slog.New(slog.DiscardHandler))
	w.quiet, w.look = 20*time.Millisecond, time.Hour
	for _, f := range tune {
		f(w)
	}
	w.Watch(file)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := w.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { cancel(); running.Wait() })
	return w
}

// expect writes with write until the change is noticed: only then is the folder
// under watch.
func (w *Watcher) expect(t *testing.T, what string, write func()) {
	t.Helper()
	w.compare() // what came before is not meant
	select {
	case <-w.Changed():
	default:
	}
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		write()
		select {
		case <-w.Changed():
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
	t.Fatalf("%s: not noticed", what)
}

func put(t *testing.T, file, text string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(file), 0o700))
	must(t, os.WriteFile(file, []byte(text), 0o600))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fresh gives another text each time.
func fresh() string { return time.Now().String() }

func TestAFileThatIsWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "devices.yaml")
	put(t, file, "old")
	w := start(t, file)
	w.expect(t, "written", func() { put(t, file, fresh()) })
	w.expect(t, "removed", func() { _ = os.Remove(file) })
	w.expect(t, "made anew", func() { put(t, file, "") })
}

// As editors and configuration tools do it: write another file, rename it.
func TestAFileThatIsReplaced(t *testing.T) {
	file := filepath.Join(t.TempDir(), "devices.yaml")
	put(t, file, "old")
	w := start(t, file)
	for range 3 { // a watch on the file itself would end with the first
		w.expect(t, "replaced", func() {
			put(t, file+".tmp", fresh())
			must(t, os.Rename(file+".tmp", file))
		})
	}
}

// stow links the file to one in another folder.
func TestAFileBehindALink(t *testing.T) {
	dir := t.TempDir()
	real, file := filepath.Join(dir, "dotfiles", "devices.yaml"), filepath.Join(dir, "etc", "devices.yaml")
	put(t, real, "old")
	put(t, filepath.Join(dir, "etc", "other"), "")
	must(t, os.Symlink("../dotfiles/devices.yaml", file))
	w := start(t, file)
	w.expect(t, "the file behind", func() { put(t, real, fresh()) })
	w.expect(t, "another link", func() {
		put(t, filepath.Join(dir, "new", "devices.yaml"), fresh())
		_ = os.Remove(file)
		must(t, os.Symlink("../new/devices.yaml", file))
	})
	w.expect(t, "the file behind the new link", func() { put(t, filepath.Join(dir, "new", "devices.yaml"), fresh()) })
}

// Kubernetes re-points one link to a folder of a new name, and removes the old:
//
//	devices.yaml -> ..data/devices.yaml
//	..data -> ..2026_01_02
func TestAFileInAFolderBehindALink(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "devices.yaml")
	version := 0
	publish := func() {
		version++
		name := "..version" + strings.Repeat("x", version)
		put(t, filepath.Join(dir, name, "devices.yaml"), fresh())
		must(t, os.Symlink(name, filepath.Join(dir, "..data_tmp")))
		must(t, os.Rename(filepath.Join(dir, "..data_tmp"), filepath.Join(dir, "..data")))
		_ = os.RemoveAll(filepath.Join(dir, "..version"+strings.Repeat("x", version-1)))
	}
	publish()
	must(t, os.Symlink("..data/devices.yaml", file))
	w := start(t, file)
	for range 3 {
		w.expect(t, "re-pointed", publish)
	}
}

func TestWhatIsReadAnyhowIsNoNews(t *testing.T) {
	file := filepath.Join(t.TempDir(), "devices.yaml")
	put(t, file, "old")
	w := New(slog.New(slog.DiscardHandler))
	w.Watch(file)
	news := func() bool {
		w.compare()
		select {
		case <-w.Changed():
			return true
		default:
			return false
		}
	}
	put(t, file, "new")
	w.MarkRead()
	if news() {
		t.Error("told of what was noted")
	}
	put(t, file, "newer")
	w.compare()
	w.MarkRead()
	if news() {
		t.Error("told of what was signalled and then noted")
	}
	put(t, file, "newest")
	if !news() {
		t.Error("not told of what came after")
	}
}

// What is next to the file, or leaves its contents alone, is no change: the
// signal that comes is that of the last step.
func TestOnlyContentsCount(t *testing.T) {
	file := filepath.Join(t.TempDir(), "devices.yaml")
	put(t, file, "old")
	w := start(t, file)
	w.expect(t, "the watch", func() { put(t, file, fresh()) })
	before := w.seen[file]
	put(t, file+"~", fresh())
	now := time.Now()
	must(t, os.Chtimes(file, now, now))
	w.compare()
	if w.seen[file] != before || len(w.changed) > 0 {
		t.Error("a change was told")
	}
	w.expect(t, "the contents", func() { put(t, file, fresh()) })
}

// An editor that truncates and writes is waited for.
func TestABurstIsWaitedFor(t *testing.T) {
	now := time.Now()
	var s settling
	if s.due() != nil {
		t.Error("due without an event")
	}
	s.event(now, time.Hour, 2*time.Hour)
	first := s.due()
	s.event(now.Add(time.Minute), time.Hour, 2*time.Hour)
	if s.due() == first {
		t.Error("a later event does not put it off")
	}
	s.event(now.Add(2*time.Hour), time.Hour, 2*time.Hour)
	select {
	case <-s.due():
	case <-time.After(patience):
		t.Error("a folder that never rests puts it off for ever")
	}
}

// A folder that was made anew has no watch.
func TestTheSlowLookFindsTheRest(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "etc")
	file := filepath.Join(dir, "devices.yaml")
	w := start(t, file, func(w *Watcher) { w.look = 20 * time.Millisecond })
	w.expect(t, "made", func() { put(t, file, fresh()) })
	w.expect(t, "gone", func() { _ = os.RemoveAll(dir) })
	w.expect(t, "made anew", func() { put(t, file, fresh()) })
}

func TestOtherFilesMayBeWatched(t *testing.T) {
	one, two := filepath.Join(t.TempDir(), "one"), filepath.Join(t.TempDir(), "two")
	put(t, one, "old")
	put(t, two, "old")
	w := start(t, one)
	put(t, one, fresh())
	w.Watch(one, two)
	select { // what was not told yet is not forgotten
	case <-w.Changed():
	case <-time.After(patience):
		t.Error("a change before the second file was added was lost")
	}
	w.expect(t, "the second", func() { put(t, two, fresh()) })
	w.expect(t, "the first", func() { put(t, one, fresh()) })
}

// A pipe given with -c /dev/fd/63 must not be waited for.
func TestOnlyFilesAreRead(t *testing.T) {
	dir := t.TempDir()
	if contents(dir) != contents(filepath.Join(dir, "missing")) {
		t.Error("a folder has contents")
	}
	empty := filepath.Join(dir, "empty")
	put(t, empty, "")
	if contents(empty) == contents(dir) {
		t.Error("an empty file is like none")
	}
}
