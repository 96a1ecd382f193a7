package stagedfs

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"arduino-gateway/internal/rawio"
)

// tokenName is the file with the token, in the stage and beside the files on disk.
const tokenName = "stage"

// stage is a folder for twins that outlives the process.
type stage struct {
	dir   string
	token string // the same one is on disk
}

// openStage opens a stage, or makes it. orphans are what the last run wrote and did
// not move to the disk, by name.
func openStage(disk FS, dir, stageDir string) (*stage, map[string][]byte, error) {
	if err := ownFolder(stageDir); err != nil {
		return nil, nil, err
	}
	onDisk, err := disk.ReadFile(filepath.Join(dir, tokenName))
	if err != nil && !missing(err) {
		return nil, nil, err // this may be the disk of the twins
	}
	inStage, err := os.ReadFile(filepath.Join(stageDir, tokenName))
	s := &stage{dir: stageDir, token: string(inStage)}
	if err != nil || s.token == "" || s.token != string(onDisk) {
		if err := s.renew(disk, dir); err != nil {
			return nil, nil, err
		}
		return s, map[string][]byte{}, nil
	}
	orphans, err := s.twins()
	return s, orphans, err
}

// ownFolder makes the folder, which no other user may write to or have planted.
func ownFolder(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() || info.Mode().Perm()&0o077 != 0 || !ownedByUs(info) {
		return fmt.Errorf("%s is not a private folder of this user", dir)
	}
	return nil
}

// renew empties a stage that belongs to another disk, or to none, and gives it a new
// token. Until the disk has it, the stage has none.
func (s *stage) renew(disk FS, dir string) error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := os.Remove(filepath.Join(s.dir, e.Name())); err != nil {
			return err
		}
	}
	s.token = rand.Text()
	name := filepath.Join(dir, tokenName)
	f, err := writeNew(disk, name+tempSuffix, name, []byte(s.token))
	if err != nil {
		return err
	}
	if err := errors.Join(f.Close(), disk.SyncDir(dir)); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.dir, tokenName), []byte(s.token), 0o600)
}

// twins reads all twins.
func (s *stage) twins() (map[string][]byte, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, err
	}
	twins := map[string][]byte{}
	for _, e := range entries {
		if name := e.Name(); name != tokenName && !strings.HasSuffix(name, tempSuffix) {
			if twins[name], err = os.ReadFile(filepath.Join(s.dir, name)); err != nil {
				return nil, err
			}
		}
	}
	return twins, nil
}

// stageTwin is a twin in a stage. A write to it never waits for a disk, so that it
// need not be announced to the scheduler; see rawio.
type stageTwin struct{ *rawio.File }

func (s *stage) create(name string) (twin, error) {
	f, err := os.OpenFile(filepath.Join(s.dir, name), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	return stageTwin{rawio.NewFile(f)}, nil
}

func (s *stage) remove(name string) error {
	if err := os.Remove(filepath.Join(s.dir, name)); err != nil && !missing(err) {
		return err
	}
	return nil
}

// discard deletes the stage, of which nothing is needed. A next run makes a new one.
func (s *stage) discard() {
	_ = os.Remove(filepath.Join(s.dir, tokenName))
	_ = os.Remove(s.dir) // not if something is in it
}

// holds reports whether a twin is still in the folder. Some systems delete a user's
// files in memory when the user logs out.
func (s *stage) holds(t twin) bool {
	f, ok := t.(stageTwin)
	if !ok {
		return true
	}
	open, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(f.Name())
	return err == nil && os.SameFile(open, there)
}

// memoryTwin is a twin in the memory of the process.
type memoryTwin struct{ bytes []byte }

func (m *memoryTwin) WriteAt(p []byte, at int64) (int, error) {
	if need := int(at) + len(p); need > len(m.bytes) {
		m.bytes = append(m.bytes, make([]byte, need-len(m.bytes))...)
	}
	return copy(m.bytes[at:], p), nil
}

func (m *memoryTwin) ReadAt(p []byte, at int64) (int, error) { return copy(p, m.bytes[at:]), nil }

func (m *memoryTwin) Truncate(size int64) error {
	m.bytes = m.bytes[:min(int(size), len(m.bytes))]
	return nil
}

func (m *memoryTwin) Close() error { m.bytes = nil; return nil }
