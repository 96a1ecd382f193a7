package stagedfs

import "golang.org/x/sys/unix"

// room returns the free blocks for users and for root, and the bytes of a block.
func room(st *unix.Statfs_t) (user, all, size uint64) {
	return uint64(max(st.F_bavail, 0)), st.F_bfree, uint64(st.F_bsize)
}
