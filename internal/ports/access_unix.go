//go:build unix

package ports

import (
	"io/fs"
	"os/user"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// mayUse asks the kernel, which also applies access control lists.
func mayUse(path string) error {
	return unix.Faccessat(unix.AT_FDCWD, path, unix.R_OK|unix.W_OK, unix.AT_EACCESS)
}

func owning(info fs.FileInfo) ownership {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ownership{}
	}
	o := ownership{group: strconv.Itoa(int(stat.Gid)), shared: info.Mode().Perm()&0o060 == 0o060}
	if group, err := user.LookupGroupId(o.group); err == nil {
		o.group = group.Name
	}
	return o
}

func whoIsAsking() asker {
	current, err := user.Current()
	if err != nil {
		return asker{name: "$USER"}
	}
	a := asker{name: current.Username}
	ids, _ := current.GroupIds()
	for _, id := range ids {
		if group, err := user.LookupGroupId(id); err == nil {
			a.groups = append(a.groups, group.Name)
		}
	}
	return a
}
