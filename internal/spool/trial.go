package spool

import (
	"cmp"
	"os"
	"path/filepath"
)

// Room is what a folder's disk has for a spool, in bytes.
type Room struct {
	Free int64 // that can still be written; below 0 where that can't be known
	Used int64 // by the spool in the folder
}

// Trial writes a small file to a folder as a spool would, and removes it. It may
// be done beside a running gateway. The error is why a spool could not write.
func Trial(dir string) (Room, error) {
	r := Room{Free: free(dir)}
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
	return r, cmp.Or(err, os.Remove(f.Name()))
}
