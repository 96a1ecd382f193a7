//go:build linux || darwin || freebsd || openbsd

package stagedfs

import (
	"errors"
	"fmt"
	"math"
	"os"

	"golang.org/x/sys/unix"
)

// syncDir makes the names in a folder durable, not only the files.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOTSUP) || errors.Is(err, unix.ENOSYS) {
		err = ErrNoFolderSync
	}
	return errors.Join(err, d.Close())
}

// folderID returns the device and the number of a folder.
func folderID(dir string) string {
	var st unix.Stat_t
	if err := unix.Stat(dir, &st); err != nil {
		return ""
	}
	return fmt.Sprintf("%d:%d", st.Dev, st.Ino)
}

// free returns how many bytes this user may still write: part of a disk may be
// reserved for root. It is -1 if that is not known.
func free(dir string) int64 {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return -1
	}
	blocks, all, size := room(&st)
	if os.Geteuid() == 0 {
		blocks = all
	}
	return int64(min(blocks*size, math.MaxInt64))
}
