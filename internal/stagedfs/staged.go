package stagedfs

import (
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// tempSuffix is that of a file which is written anew.
const tempSuffix = ".sync"

// Staged is an FS of one folder whose files have twins; see the package
// documentation. Its methods may be called from any goroutine. A method that only
// reads or writes twins never waits for the disk.
type Staged struct {
	disk FS
	dir  string // on disk

	mu      sync.Mutex
	stage   *stage // nil: the twins are in the memory of the process
	wanted  string // the stage's folder, until Attach; "" is none
	next    uint64 // token of this run; 0: not made yet
	folder  string // ID of the folder on disk, since Names; "" is not known
	open    map[string]*stagedFile
	orphans map[string][]byte // content of twins of the last run that the disk lacks; never changed
}

// New returns the staged FS of dir. stageDir is the folder for its twins, "" if there
// is none.
func New(disk FS, dir, stageDir string) *Staged {
	return &Staged{disk: disk, dir: filepath.Clean(dir), wanted: stageDir,
		open: map[string]*stagedFile{}, orphans: map[string][]byte{}}
}

// Attach begins to use the stage. token is what the files on disk say of the stage of
// the last run; 0 is nothing. If the stage has the same one, its twins belong to these
// files, and Attach returns true. Otherwise it deletes them.
//
// Without a stage every write goes to the disk, which is slower but safe.
func (s *Staged) Attach(token uint64) (known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	wanted := s.wanted
	s.wanted = ""
	if wanted == "" {
		return false
	}
	stage, orphans, err := openStage(wanted, s.dir, token)
	if err != nil {
		return false
	}
	s.stage, s.orphans = stage, orphans
	return token != 0 && stage.token == token
}

// Token returns the token of this run, which the files on disk must carry durably before
// Renew: a new one, unless the stage still has what the disk lacks. It is 0 without a
// stage.
func (s *Staged) Token() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.stage == nil:
		return 0
	case s.next == 0 && len(s.orphans) > 0:
		return s.stage.token
	case s.next == 0:
		s.next = newToken()
	}
	return s.next
}

// Renew gives the stage the token of this run.
func (s *Staged) Renew() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stage == nil || s.next == 0 || s.stage.token == s.next {
		return
	}
	if err := s.stage.setToken(s.next); err != nil {
		s.stage = nil
	}
}

// MkdirAll makes the folder.
func (s *Staged) MkdirAll(dir string) error { return s.disk.MkdirAll(dir) }

// Names returns the files on disk, and those that only the stage has. It deletes what a
// power cut has left of files that were being written anew.
func (s *Staged) Names(dir string) ([]string, error) {
	s.settle()
	folder := s.disk.ID(dir)
	onDisk, err := s.disk.Names(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	known := map[string]bool{}
	for _, name := range onDisk {
		if strings.HasSuffix(name, tempSuffix) {
			_ = s.disk.Remove(filepath.Join(dir, name))
			continue
		}
		names = append(names, name)
		known[name] = true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.folder = folder
	for name := range s.orphans {
		if !known[name] {
			names = append(names, name)
		}
	}
	return names, nil
}

// ReadFile returns the content of a file: that of its twin if it has one.
func (s *Staged) ReadFile(name string) ([]byte, error) {
	s.mu.Lock()
	f, orphan := s.open[name], s.orphans[filepath.Base(name)]
	s.mu.Unlock()
	if f != nil {
		if b, err := f.content(); err == nil {
			return b, nil
		}
	}
	if orphan != nil {
		return orphan, nil
	}
	return s.disk.ReadFile(name)
}

// Create makes or empties a file. With a stage it is not on disk before a Sync.
func (s *Staged) Create(name string) (File, error) {
	stage := s.current()
	if stage == nil {
		if s.Moved() {
			return nil, ErrMoved
		}
		disk, err := s.disk.Create(name)
		if err != nil {
			return nil, err
		}
		return s.add(&stagedFile{s: s, name: name, twin: &memoryTwin{}, disk: disk, through: true}), nil
	}
	twin, err := stage.create(filepath.Base(name))
	if err != nil {
		s.lose()
		return nil, err
	}
	return s.add(&stagedFile{s: s, name: name, stage: stage, twin: twin}), nil
}

// Open opens a file that exists, and makes its twin.
func (s *Staged) Open(name string) (File, error) {
	content, err := s.ReadFile(name)
	if err != nil {
		return nil, err
	}
	stage := s.current()
	disk, err := s.openDisk(name, content, stage)
	if err != nil {
		return nil, err
	}
	f := &stagedFile{s: s, name: name, stage: stage, twin: &memoryTwin{}, disk: disk, size: int64(len(content)), through: stage == nil}
	if stage == nil {
		_, _ = f.twin.WriteAt(content, 0)
		return s.add(f), nil
	}
	if disk == nil {
		f.dirty = extent{0, f.size}
	}
	twin, err := stage.create(filepath.Base(name))
	if err == nil {
		_, err = twin.WriteAt(content, 0)
	}
	if err != nil {
		s.lose()
		return nil, err
	}
	f.twin = twin
	return s.add(f), nil
}

// openDisk opens a file on disk; nil is one that only the stage has. Without a stage such
// a file is written to the disk first.
func (s *Staged) openDisk(name string, content []byte, stage *stage) (File, error) {
	s.mu.Lock()
	_, orphan := s.orphans[filepath.Base(name)]
	s.mu.Unlock()
	if orphan && stage != nil {
		return nil, nil
	}
	if orphan {
		if err := s.settleOne(name, content); err != nil {
			return nil, err
		}
	}
	return s.disk.Open(name)
}

func (s *Staged) add(f *stagedFile) *stagedFile {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open[f.name] = f
	delete(s.orphans, filepath.Base(f.name))
	return f
}

// Rename replaces a file on disk. Neither has a twin.
func (s *Staged) Rename(from, to string) error { return s.disk.Rename(from, to) }

// Remove deletes a file and its twin.
func (s *Staged) Remove(name string) error {
	base := filepath.Base(name)
	s.mu.Lock()
	delete(s.orphans, base)
	stage := s.stage
	s.mu.Unlock()
	if stage != nil {
		_ = stage.remove(base)
	}
	return s.disk.Remove(name)
}

// Abandon lets the file's twin end with its Close, although the disk lacks what is in
// it. The file on disk, if there is one, is not whole.
func (s *Staged) Abandon(name string) {
	s.mu.Lock()
	f := s.open[name]
	s.mu.Unlock()
	if f != nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.abandoned = true
	}
}

// SyncDir makes the names in the folder durable, and moves what the last run left in
// the stage to the disk.
func (s *Staged) SyncDir(dir string) error {
	s.settle()
	return s.disk.SyncDir(dir)
}

// Free returns how many bytes can still be written, below 0 if that is not known.
func (s *Staged) Free(dir string) int64 { return s.disk.Free(dir) }

// ErrMoved reports that the folder's path leads to another folder.
var ErrMoved = errors.New("another disk is mounted over the folder")

// Moved reports whether the path leads to another folder than the one of Names: a disk was
// mounted over it.
func (s *Staged) Moved() bool {
	now := s.disk.ID(s.dir)
	s.mu.Lock()
	defer s.mu.Unlock()
	return now != "" && s.folder != "" && now != s.folder
}

// Leave gives up the files of a folder over which another one is mounted, and their twins.
func (s *Staged) Leave() {
	s.mu.Lock()
	s.folder = ""
	s.orphans = map[string][]byte{}
	files := slices.Collect(maps.Values(s.open))
	s.mu.Unlock()
	for _, f := range files {
		s.Abandon(f.name)
		_ = f.Close()
	}
}

// Close deletes the stage unless it holds what the disk lacks. All files are closed.
func (s *Staged) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stage != nil && len(s.open) == 0 && len(s.orphans) == 0 {
		s.stage.discard()
		s.stage = nil
	}
}

// current returns the stage, nil if the twins are in the memory of the process.
func (s *Staged) current() *stage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stage
}

// lose gives the stage up: it is full, or someone deleted it. Files that are open keep
// their twins.
func (s *Staged) lose() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stage = nil
}

// settle moves the orphans to the disk. Those that the disk does not take stay where
// they are.
func (s *Staged) settle() {
	s.mu.Lock()
	orphans, stage := maps.Clone(s.orphans), s.stage
	s.mu.Unlock()
	for base, content := range orphans {
		name := filepath.Join(s.dir, base)
		if s.settleOne(name, content) != nil {
			return
		}
		s.mu.Lock()
		delete(s.orphans, base)
		s.mu.Unlock()
		if stage != nil {
			_ = stage.remove(base)
		}
	}
}

// settleOne writes an orphan to the disk. The file there is its beginning, or does not
// exist.
func (s *Staged) settleOne(name string, content []byte) error {
	f, err := writeNew(s.disk, name+tempSuffix, name, content)
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), s.disk.SyncDir(s.dir))
}
