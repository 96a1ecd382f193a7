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

	NoFolderSync bool // a power cut may lose new files there: see stagedfs.ErrNoFolderSync
}

// CheckDir writes a small file to a folder as a spool would, and removes it. It
// may be called while a gateway uses the folder. The error is why a spool could
// not write there.
func CheckDir(dir string) (Space, error) { return checkDir(stagedfs.Guard(stagedfs.Disk{}), dir) }

func checkDir(disk *stagedfs.Guarded, dir string) (Space, error) {
	r := Space{Free: disk.Free(dir)}
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
	err = cmp.Or(err, os.Remove(f.Name()), disk.SyncDir(dir))
	r.NoFolderSync = disk.NoFolderSync()
	return r, err
}
