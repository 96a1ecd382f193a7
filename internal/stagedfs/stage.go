package stagedfs

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"arduino-gateway/internal/rawio"
)

// Files in a stage that are no twins.
const (
	tokenName = "token"
	ownerName = "folder" // with the path of the folder on disk, for a person who finds the stage
)

// stage is a folder for twins that outlives the process.
type stage struct {
	dir   string
	token uint64 // 0: none yet
}

// openStage opens a stage, or makes it. Its twins are returned if it has this token, and
// deleted otherwise.
func openStage(dir, owner string, token uint64) (*stage, map[string][]byte, error) {
	if err := ownFolder(dir); err != nil {
		return nil, nil, err
	}
	s := &stage{dir: dir}
	if text, err := os.ReadFile(s.path(tokenName)); err == nil {
		s.token, _ = strconv.ParseUint(string(text), 16, 64)
	}
	if s.token == 0 || s.token != token {
		s.token = 0
		return s, map[string][]byte{}, errors.Join(s.empty(), os.WriteFile(s.path(ownerName), []byte(owner+"\n"), 0o600))
	}
	twins, err := s.twins()
	return s, twins, err
}

func (s *stage) path(name string) string { return filepath.Join(s.dir, name) }

func newToken() (token uint64) {
	var b [8]byte
	for token == 0 {
		_, _ = rand.Read(b[:])
		token = binary.LittleEndian.Uint64(b[:])
	}
	return token
}

func (s *stage) setToken(token uint64) error {
	s.token = token
	return os.WriteFile(s.path(tokenName), strconv.AppendUint(nil, token, 16), 0o600)
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

// empty deletes what another run, or another disk, left.
func (s *stage) empty() error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		err = errors.Join(err, os.Remove(s.path(e.Name())))
	}
	return err
}

// twins reads all twins.
func (s *stage) twins() (map[string][]byte, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, err
	}
	twins := map[string][]byte{}
	for _, e := range entries {
		if name := e.Name(); name != tokenName && name != ownerName {
			if twins[name], err = os.ReadFile(s.path(name)); err != nil {
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
	f, err := os.OpenFile(s.path(name), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	return stageTwin{rawio.NewFile(f)}, nil
}

func (s *stage) remove(name string) error {
	if err := os.Remove(s.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// discard deletes the stage, of which nothing is needed. A next run makes a new one.
func (s *stage) discard() {
	_ = os.Remove(s.path(tokenName))
	_ = os.Remove(s.path(ownerName))
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
