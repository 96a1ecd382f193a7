package stagedfs

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// folders returns a folder on disk, and one for a stage that does not exist yet.
func folders(t *testing.T) (dir, stage string) {
	t.Helper()
	return t.TempDir(), filepath.Join(t.TempDir(), "stage")
}

// opened begins a run. The token on disk is that of the last run.
func opened(t *testing.T, disk FS, dir, stage string) *Staged {
	t.Helper()
	s := New(disk, dir, stage)
	token := filepath.Join(dir, "disk-token")
	text, _ := os.ReadFile(token)
	last, _ := strconv.ParseUint(string(text), 10, 64)
	s.Attach(last)
	if _, err := s.Names(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(token, strconv.AppendUint(nil, s.Token(), 10), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Renew()
	return s
}

func create(t *testing.T, s *Staged, name, content string) File {
	t.Helper()
	f, err := s.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	write(t, f, content, 0)
	return f
}

func write(t *testing.T, f File, content string, at int64) {
	t.Helper()
	if _, err := f.WriteAt([]byte(content), at); err != nil {
		t.Fatal(err)
	}
}

// wants checks the content of a file: "-" is no file.
func wants(t *testing.T, read func(string) ([]byte, error), name, want string) {
	t.Helper()
	b, err := read(name)
	if got := string(b); errors.Is(err, os.ErrNotExist) && want == "-" || err == nil && got == want {
		return
	}
	t.Errorf("%s has %q, want %q: %v", filepath.Base(name), b, want, err)
}

// With a stage the disk gets a file at its Sync; without one at each write.
func TestStaged_WritesToTheDiskAtSync(t *testing.T) {
	for _, staged := range []bool{true, false} {
		dir, stage := folders(t)
		if !staged {
			stage = ""
		}
		s := opened(t, Disk{}, dir, stage)
		name, early := filepath.Join(dir, "a"), "-"
		if !staged {
			early = "hello"
		}
		f := create(t, s, name, "hello")
		wants(t, s.ReadFile, name, "hello")
		wants(t, os.ReadFile, name, early)
		if err := f.Sync(); err != nil {
			t.Fatal(err)
		}
		wants(t, os.ReadFile, name, "hello")
		write(t, f, " world", 5)
		write(t, f, "H", 0)
		wants(t, s.ReadFile, name, "Hello world")
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			t.Fatal(err)
		}
		wants(t, os.ReadFile, name, "Hello world")
		s.Close()
		if left, err := os.ReadDir(filepath.Join(stage)); staged && !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the stage is left with %v", left)
		}
	}
}

// A killed process leaves its twins: the next start moves them to the disk.
func TestStaged_FindsTwinsAfterAKill(t *testing.T) {
	dir, stage := folders(t)
	s := opened(t, Disk{}, dir, stage)
	synced, fresh := filepath.Join(dir, "synced"), filepath.Join(dir, "fresh")
	f := create(t, s, synced, "one")
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	write(t, f, " two", 3)
	create(t, s, fresh, "three")

	again := opened(t, Disk{}, dir, stage)
	names, err := again.Names(dir)
	slices.Sort(names)
	if want := []string{"disk-token", "fresh", "synced"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("names %v, want %v: %v", names, want, err)
	}
	wants(t, os.ReadFile, synced, "one two")
	wants(t, os.ReadFile, fresh, "three")
	again.Close()
	if _, err := os.Stat(stage); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the stage is left: %v", err)
	}
}

// full is a disk that takes no new file while it is set.
type full struct {
	Disk
	now *bool
}

func (f full) Create(name string) (File, error) {
	if *f.now {
		return nil, syscall.ENOSPC
	}
	return f.Disk.Create(name)
}

// Twins that the disk does not take stay where they are, and can be read. The disk gets
// them when it has room.
func TestStaged_KeepsTwinsThatTheDiskDoesNotTake(t *testing.T) {
	dir, stage := folders(t)
	name, now := filepath.Join(dir, "a"), false
	create(t, opened(t, full{now: &now}, dir, stage), name, "hello")
	for range 2 {
		now = true
		s := opened(t, full{now: &now}, dir, stage)
		if names, err := s.Names(dir); err != nil || !slices.Contains(names, "a") {
			t.Errorf("names %v: %v", names, err)
		}
		wants(t, s.ReadFile, name, "hello")
		wants(t, os.ReadFile, name, "-")
		s.Close()
	}
	s := opened(t, full{now: &now}, dir, stage)
	now = false
	if err := s.SyncDir(dir); err != nil {
		t.Error(err)
	}
	wants(t, os.ReadFile, name, "hello")
}

// A twin that the disk does not take cannot be opened once its stage is gone. When the
// disk takes it, it can.
func TestStaged_OpensNoTwinWithoutAStage(t *testing.T) {
	dir, stage := folders(t)
	name, now := filepath.Join(dir, "a"), false
	create(t, opened(t, Disk{}, dir, stage), name, "hello")
	now = true
	s := opened(t, full{now: &now}, dir, stage)
	if err := os.RemoveAll(stage); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Create(filepath.Join(dir, "b")); err == nil {
		t.Fatal("the stage is still used")
	}
	if _, err := s.Open(name); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("it opens on a full disk: %v", err)
	}
	now = false
	f, err := s.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	write(t, f, "J", 0)
	wants(t, os.ReadFile, name, "Jello")
}

// What a power cut has left of a file that was being written anew is deleted.
func TestStaged_DeletesHalfAFile(t *testing.T) {
	dir, _ := folders(t)
	half := filepath.Join(dir, "a"+tempSuffix)
	if err := os.WriteFile(half, []byte("hal"), 0o600); err != nil {
		t.Fatal(err)
	}
	names, err := New(Disk{}, dir, "").Names(dir)
	if err != nil || len(names) > 0 {
		t.Errorf("names %v: %v", names, err)
	}
	wants(t, os.ReadFile, half, "-")
}

// Twins belong to the files of one run on one disk: those of another are not taken, such
// as after the files were restored from a copy.
func TestStaged_IgnoresTwinsOfOtherFiles(t *testing.T) {
	dir, stage := folders(t)
	s := opened(t, Disk{}, dir, stage)
	old := s.Token()
	create(t, s, filepath.Join(dir, "a"), "hello")
	for _, token := range []uint64{0, old + 1} {
		again := New(Disk{}, dir, stage)
		if again.Attach(token) {
			t.Errorf("the twins of %x are taken for those of %x", old, token)
		}
		if names, err := again.Names(dir); err != nil || !slices.Equal(names, []string{"disk-token"}) {
			t.Errorf("names %v: %v", names, err)
		}
	}
}

// Each run has a token of its own, unless the stage still has what the disk lacks.
func TestStaged_RenewsItsToken(t *testing.T) {
	dir, stage := folders(t)
	now := false
	s := opened(t, full{now: &now}, dir, stage)
	first := s.Token()
	f := create(t, s, filepath.Join(dir, "a"), "hello")
	now = true
	again := New(full{now: &now}, dir, stage)
	if !again.Attach(first) || again.Token() != first {
		t.Error("the token was renewed, and the disk lacks a file")
	}
	now = false
	again = New(full{now: &now}, dir, stage)
	if known := again.Attach(first); !known {
		t.Error("the stage is not known")
	}
	if _, err := again.Names(dir); err != nil || again.Token() == first || again.Token() == 0 {
		t.Errorf("token %x after %x: %v", again.Token(), first, err)
	}
	_ = f.Close()
}

// A folder that another user could write to is not used as a stage.
func TestStaged_RefusesAFolderOfOthers(t *testing.T) {
	dir, stage := folders(t)
	elsewhere := t.TempDir()
	for _, plant := range []func() error{
		func() error { return os.Mkdir(stage, 0o700) },
		func() error { return os.Chmod(stage, 0o777) },
		func() error { return errors.Join(os.Remove(stage), os.Symlink(elsewhere, stage)) },
		func() error { return errors.Join(os.Remove(stage), os.WriteFile(stage, nil, 0o600)) },
	} {
		if err := plant(); err != nil {
			t.Fatal(err)
		}
		s := opened(t, Disk{}, dir, stage)
		if info, err := os.Lstat(stage); err != nil || (s.current() != nil) != (info.Mode() == os.ModeDir|0o700) {
			t.Errorf("%v is used: %v", info.Mode(), s.current() != nil)
		}
		s.Close()
		if s.current() != nil {
			t.Error("a closed stage is used")
		}
		if _, err := os.Lstat(stage); err != nil {
			if err := os.Mkdir(stage, 0o700); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// A stage that someone deletes is not used any more: each write goes to the disk.
func TestStaged_GivesUpADeletedStage(t *testing.T) {
	dir, stage := folders(t)
	s := opened(t, Disk{}, dir, stage)
	f := create(t, s, filepath.Join(dir, "a"), "hello")
	if err := os.RemoveAll(stage); err != nil {
		t.Fatal(err)
	}
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	if s.current() != nil {
		t.Error("it still counts as a stage")
	}
	wants(t, os.ReadFile, filepath.Join(dir, "a"), "hello")
	b := create(t, s, filepath.Join(dir, "b"), "world")
	wants(t, os.ReadFile, filepath.Join(dir, "b"), "world")
	if err := errors.Join(f.Close(), b.Close()); err != nil {
		t.Error(err)
	}
}

// lying is a disk that fails one fsync, loses what it was for, and succeeds afterwards.
type lying struct {
	Disk
	fails *bool
}

func (l lying) Create(name string) (File, error) {
	f, err := l.Disk.Create(name)
	return lyingFile{f, l.fails}, err
}

type lyingFile struct {
	File
	fails *bool
}

func (f lyingFile) Sync() error {
	if !*f.fails {
		return f.File.Sync()
	}
	*f.fails = false
	return errors.Join(syscall.EIO, f.Truncate(0))
}

// After a failed fsync the file is written anew: a second fsync of the same pages
// succeeds and proves nothing.
func TestStaged_WritesAnewAfterAFailedFsync(t *testing.T) {
	for _, staged := range []bool{true, false} {
		dir, stage := folders(t)
		if !staged {
			stage = ""
		}
		fails := false
		s := opened(t, lying{fails: &fails}, dir, stage)
		name := filepath.Join(dir, "a")
		f := create(t, s, name, "hello")
		if err := f.Sync(); err != nil {
			t.Fatal(err)
		}
		write(t, f, " world", 5)
		fails = true
		if err := f.Sync(); !errors.Is(err, syscall.EIO) {
			t.Fatalf("the failure does not show: %v", err)
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			t.Fatal(err)
		}
		wants(t, os.ReadFile, name, "hello world")
	}
}
