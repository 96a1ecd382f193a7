//go:build unix

package broker

import (
	"os"
	"syscall"
)

// keepOwner gives the new file the old one's owner, so that `sudo gateway
// passwd` does not lock the daemon's own user out. Only root can; where it
// fails, the file belongs to whoever wrote it.
func keepOwner(temp *os.File, path string) {
	old, err := os.Stat(path)
	if err != nil {
		return
	}
	if stat, ok := old.Sys().(*syscall.Stat_t); ok {
		_ = temp.Chown(int(stat.Uid), int(stat.Gid))
	}
}
