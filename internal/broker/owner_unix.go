//go:build unix

package broker

import (
	"os"
	"syscall"
)

// keepOwner sets the owner of the old file on the new one, so that `sudo gateway
// passwd` does not lock out the daemon's user. Only root can do so; else the file
// belongs to the user who wrote it.
func keepOwner(temp *os.File, path string) {
	old, err := os.Stat(path)
	if err != nil {
		return
	}
	if stat, ok := old.Sys().(*syscall.Stat_t); ok {
		_ = temp.Chown(int(stat.Uid), int(stat.Gid))
	}
}
