//go:build linux || darwin || freebsd

package stagedfs

import "golang.org/x/sys/unix"

// room returns the free blocks for users and for root, and the bytes of a block.
func room(st *unix.Statfs_t) (user, all, size uint64) {
	return uint64(st.Bavail), uint64(st.Bfree), uint64(st.Bsize)
}
