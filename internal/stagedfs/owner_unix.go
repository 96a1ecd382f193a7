//go:build unix

package stagedfs

import (
	"io/fs"
	"os"
	"syscall"
)

// ownedByUs reports whether this user owns a file.
func ownedByUs(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Geteuid()
}
