//go:build unix

package doctor

import (
	"io/fs"
	osuser "os/user"
	"strconv"
	"syscall"
)

// ownerOf returns the owner of a file; "" if unknown.
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
