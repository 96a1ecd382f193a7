//go:build unix

package logging

import (
	"fmt"
	"os"
	"syscall"
)

// isJournal reports whether f is the systemd journal. stream is $JOURNAL_STREAM, the
// device and inode of the journal's socket, such as "9:24137". The variable alone proves
// nothing: f may have been redirected.
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
