//go:build unix

package doctor

import (
	"io/fs"
	osuser "os/user"
	"strconv"
	"syscall"
)

// ownerOf is the user to whom a file belongs; "" where that is not known.
func ownerOf(info fs.FileInfo) string {
	if info == nil {
		return ""
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	id := strconv.Itoa(int(stat.Uid))
	if u, err := osuser.LookupId(id); err == nil {
		return u.Username
	}
	return id
}
