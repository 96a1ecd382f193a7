package avr

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// aptHint is how to install the tools that this package runs.
const aptHint = "hint: run make test, which installs what is missing, or " +
	"apt-get install -y --no-install-recommends arduino-core-avr arduino-builder libsimavr-dev gcc libc6-dev"

// cacheDir returns a folder for files that are made once, and creates it.
// Without a home folder it is in the temporary folder, for this user alone.
func cacheDir(name string) (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		base = filepath.Join(os.TempDir(), fmt.Sprintf("cache-%d", os.Getuid()))
	}
	dir := filepath.Join(base, "arduino-gateway", "avr", name)
	return dir, os.MkdirAll(dir, 0o700)
}

// digest names files in the cache by what they were made from.
type digest struct{ sum io.Writer }

// hashed returns a short name for what add writes.
func hashed(add func(digest) error) (string, error) {
	h := sha256.New()
	err := add(digest{h})
	return hex.EncodeToString(h.Sum(nil)[:12]), err
}

func (d digest) text(s string) {
	fmt.Fprintf(d.sum, "%d:%s;", len(s), s)
}

// tool adds a program or a file of the system by its time, not its content.
func (d digest) tool(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	d.text(fmt.Sprint(path, info.Size(), info.ModTime().UnixNano()))
	return nil
}

// tree adds every file below root, by name and content, except in the folders
// directly below root that skip names.
func (d digest) tree(root fs.FS, skip ...string) error {
	return fs.WalkDir(root, ".", func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() && slices.Contains(skip, path) {
			return fs.SkipDir
		}
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		data, err := fs.ReadFile(root, path)
		d.text(path)
		d.text(string(data))
		return err
	})
}

// writeWhole writes a file that others see whole or not at all.
func writeWhole(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// lockRetry is how often to try again a lock that another process holds.
const lockRetry = 20 * time.Millisecond

// locked runs do while no other process does so under the same lock file.
func locked(ctx context.Context, path string, do func() error) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer f.Close() // releases the lock
	tick := time.NewTicker(lockRetry)
	defer tick.Stop()
	for {
		if ok, err := tryLock(f); err != nil {
			return fmt.Errorf("lock %s: %w", path, err)
		} else if ok {
			return do()
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("lock %s: %w", path, ctx.Err())
		}
	}
}

// exists reports whether a file of the cache is there.
func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
