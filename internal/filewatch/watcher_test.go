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

// start watches a file without the slow check, unless tune sets it.
func start(t *testing.T, file string, tune ...func(*Watcher)) *Watcher {
	t.Helper()
	w := New(slog.New(slog.DiscardHandler))
	w.quiet, w.check = 20*time.Millisecond, time.Hour
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

// expect calls write until the change is noticed: the folder may not be under watch
// at first.
func (w *Watcher) expect(t *testing.T, what string, write func()) {
	t.Helper()
	w.compare() // without earlier changes
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

// fresh returns a different text each time.
func fresh() string { return time.Now().String() }

// A file that is written, removed and made again is noticed.
func TestWatcher_WrittenFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "devices.yaml")
	put(t, file, "old")
	w := start(t, file)
	w.expect(t, "written", func() { put(t, file, fresh()) })
	w.expect(t, "removed", func() { _ = os.Remove(file) })
	w.expect(t, "made again", func() { put(t, file, "") })
}

// Editors and configuration tools write another file and rename it.
func TestWatcher_ReplacedFile(t *testing.T) {
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
func TestWatcher_FileBehindALink(t *testing.T) {
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
func TestWatcher_FileInAFolderBehindALink(t *testing.T) {
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

// A change that was marked as read is not signalled.
func TestMarkRead(t *testing.T) {
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
		t.Error("a change that was read is signalled")
	}
	put(t, file, "newer")
	w.compare()
	w.MarkRead()
	if news() {
		t.Error("a signal is left after MarkRead")
	}
	put(t, file, "newest")
	if !news() {
		t.Error("a later change is not signalled")
	}
}

// A change next to the file, or of its times, is not signalled.
func TestWatcher_OnlyContentsCount(t *testing.T) {
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
		t.Error("a change was signalled")
	}
	w.expect(t, "the contents", func() { put(t, file, fresh()) })
}

// An editor that truncates and then writes gets one signal, and a busy folder one
// all the same.
func TestWatcher_WaitsForTheEndOfABurst(t *testing.T) {
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
		t.Error("a folder that never rests delays it forever")
	}
}

// once changes something one time, and waits until that is noticed. The watcher must have
// noticed something before, so that it watches all folders.
func (w *Watcher) once(t *testing.T, what string, change func()) {
	t.Helper()
	select {
	case <-w.Changed():
	default:
	}
	change()
	select {
	case <-w.Changed():
	case <-time.After(patience):
		t.Fatalf("%s: not noticed", what)
	}
}

func link(t *testing.T, target, name string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(name), 0o700))
	must(t, os.Symlink(target, name+".new"))
	must(t, os.Rename(name+".new", name))
}

// Capistrano re-points current to the folder of a release. The configuration's folder is
// a link through it.
//
//	etc/gateway -> ../srv/app/current/config
//	srv/app/current -> releases/1
func TestWatcher_LinkThroughALink(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "etc", "gateway", "devices.yaml")
	release := func(name string) {
		put(t, filepath.Join(dir, "srv/app/releases", name, "config/devices.yaml"), fresh())
		link(t, filepath.Join("releases", name), filepath.Join(dir, "srv/app/current"))
	}
	release("1")
	link(t, "../srv/app/current/config", filepath.Join(dir, "etc/gateway"))
	w := start(t, file)
	w.expect(t, "the file", func() { put(t, file, fresh()) })
	for _, name := range []string{"2", "3"} {
		w.once(t, "release "+name, func() { release(name) })
	}
	w.once(t, "the file of the last release", func() { put(t, file, fresh()) })
}

// NixOS re-points static, behind links of the file and of its folder. All are absolute.
//
//	etc/gateway/devices.yaml -> /…/etc/static/gateway/devices.yaml
//	etc/static -> /…/run/etc, and run/etc -> ../nix/1/etc
//	nix/1/etc/gateway/devices.yaml -> /…/nix/1/devices.yaml
func TestWatcher_LinksBehindLinks(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "etc/gateway/devices.yaml")
	generation := func(name string) {
		put(t, filepath.Join(dir, "nix", name, "devices.yaml"), fresh())
		link(t, filepath.Join(dir, "nix", name, "devices.yaml"), filepath.Join(dir, "nix", name, "etc/gateway/devices.yaml"))
		link(t, "../nix/"+name+"/etc", filepath.Join(dir, "run/etc"))
	}
	generation("1")
	link(t, filepath.Join(dir, "run/etc"), filepath.Join(dir, "etc/static"))
	link(t, filepath.Join(dir, "etc/static/gateway/devices.yaml"), file)
	w := start(t, file)
	w.expect(t, "the file", func() { put(t, file, fresh()) })
	for _, name := range []string{"2", "3"} {
		w.once(t, "generation "+name, func() { generation(name) })
	}
}

// The folders of a file, or of what a link leads to, may be made while the gateway runs.
func TestWatcher_FoldersThatComeLater(t *testing.T) {
	dir := t.TempDir()
	file, behind := filepath.Join(dir, "etc/gateway/devices.yaml"), filepath.Join(dir, "mnt/usb/config")
	w := start(t, file)
	w.expect(t, "the file", func() { put(t, file, fresh()) })
	w.once(t, "the folders are gone", func() { must(t, os.RemoveAll(filepath.Join(dir, "etc"))) })
	w.once(t, "the folders are back", func() { put(t, file, fresh()) })
	w.once(t, "a link to nowhere", func() {
		must(t, os.RemoveAll(filepath.Dir(file)))
		link(t, behind, filepath.Dir(file))
	})
	w.once(t, "its target comes", func() { put(t, filepath.Join(behind, "devices.yaml"), fresh()) })
}

// Links in a circle end.
func TestFolders_EndsInACircle(t *testing.T) {
	dir := t.TempDir()
	link(t, "b", filepath.Join(dir, "a"))
	link(t, "a", filepath.Join(dir, "b"))
	if n := len(folders(filepath.Join(dir, "a", "devices.yaml"))); n < 2 || n > 3*maxLinks {
		t.Errorf("%d folders", n)
	}
}

// A network file system reports nothing.
func TestWatcher_SlowCheckFindsTheRest(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "etc")
	file := filepath.Join(dir, "devices.yaml")
	w := start(t, file, func(w *Watcher) { w.check = 20 * time.Millisecond })
	w.expect(t, "made", func() { put(t, file, fresh()) })
	w.expect(t, "gone", func() { _ = os.RemoveAll(dir) })
	w.expect(t, "made again", func() { put(t, file, fresh()) })
}

// Files can be added while the watcher runs, without a lost change.
func TestWatch_ChangesTheFiles(t *testing.T) {
	one, two := filepath.Join(t.TempDir(), "one"), filepath.Join(t.TempDir(), "two")
	put(t, one, "old")
	put(t, two, "old")
	w := start(t, one)
	put(t, one, fresh())
	w.Watch(one, two)
	select { // a change that was not signalled yet is not lost
	case <-w.Changed():
	case <-time.After(patience):
		t.Error("a change before the second file was added was lost")
	}
	w.expect(t, "the second", func() { put(t, two, fresh()) })
	w.expect(t, "the first", func() { put(t, one, fresh()) })
}

// A pipe given with -c /dev/fd/63 must not be waited for.
func TestContents_ReadsOnlyRegularFiles(t *testing.T) {
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
