package spool

import (
	"cmp"
	"os"
	"path/filepath"

	"arduino-gateway/internal/stagedfs"
)

// Space is the room for a spool on a folder's disk, in bytes.
type Space struct {
	Free int64 // can still be written; below 0 if that is not known
	Used int64 // by the spool in the folder
}

// CheckDir writes a small file to a folder as a spool would, and removes it. It
// may be called while a gateway uses the folder. The error is why a spool could
// not write there.
func CheckDir(dir string) (Space, error) {
	r := Space{Free: stagedfs.Disk{}.Free(dir)}
	names, _ := filepath.Glob(filepath.Join(dir, "*"+segmentSuffix))
	for _, name := range names {
		if info, err := os.Stat(name); err == nil {
			r.Used += info.Size()
		}
	}
	f, err := os.CreateTemp(dir, "trial-")
	if err != nil {
		return r, err
	}
	_, err = f.Write(make([]byte, smallestSegment))
	if err == nil {
		err = f.Sync()
	}
	_ = f.Close()
	return r, cmp.Or(err, os.Remove(f.Name()), stagedfs.Guard(stagedfs.Disk{}).SyncDir(dir))
}
