//go:build unix

package logging

import (
	"fmt"
	"os"
	"syscall"
)

// isJournal says whether f leads to the systemd journal. stream is
// $JOURNAL_STREAM, device and inode of what systemd connected, such as
// "9:24137"; the variable alone proves nothing, for f may lead elsewhere since.
func isJournal(f *os.File, stream string) bool {
	if stream == "" {
		return false
	}
	info, err := f.Stat()
	if err != nil {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && fmt.Sprintf("%d:%d", stat.Dev, stat.Ino) == stream
}
