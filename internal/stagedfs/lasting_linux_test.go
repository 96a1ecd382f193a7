package stagedfs

import (
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// Only what certainly or, for an overlay as the whole system, probably is in memory is
// said to be lost.
func TestLost_Decision(t *testing.T) {
	const ext4 = unix.EXT4_SUPER_MAGIC
	for _, c := range []struct {
		what string
		kind int64
		on   layer
		want string
	}{
		{"a disk", ext4, layer{}, ""},
		{"unknown", 0, layer{}, ""},
		{"tmpfs", unix.TMPFS_MAGIC, layer{}, "in memory"},
		{"ramfs", unix.RAMFS_MAGIC, layer{}, "in memory"},
		{"an overlay in memory", unix.OVERLAYFS_SUPER_MAGIC, layer{root: true, kind: unix.TMPFS_MAGIC}, "on an overlay in memory"},
		{"an overlay on a disk", unix.OVERLAYFS_SUPER_MAGIC, layer{root: true, kind: ext4}, ""},
		{"a system on an overlay", unix.OVERLAYFS_SUPER_MAGIC, layer{root: true}, "on an overlay, which is probably in memory"},
		{"a container's own layer", unix.OVERLAYFS_SUPER_MAGIC, layer{root: true, container: true}, ""},
		{"another overlay", unix.OVERLAYFS_SUPER_MAGIC, layer{}, ""},
	} {
		if got := lost(c.kind, c.on); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}

// The mount of a folder is the one with the longest path, and of equal ones the last.
func TestLost_FindsTheLayer(t *testing.T) {
	const mounts = `21 1 179:2 / / rw - ext4 /dev/root rw
27 1 0:24 / / rw shared:1 - overlay overlay rw,lowerdir=/lower,upperdir=/media/root-rw/overlay,workdir=/w
30 27 8:1 / /var/lib/gateway rw - ext4 /dev/sda1 rw
31 27 0:30 / /srv rw - overlay overlay ro,lowerdir=/a:/b
`
	for dir, want := range map[string]layer{
		"/":                         {root: true, upper: "/media/root-rw/overlay"},
		"/var/lib/gateway2":         {root: true, upper: "/media/root-rw/overlay"},
		"/var/lib/gateway":          {},
		"/var/lib/gateway/commands": {},
		"/srv/x":                    {},
	} {
		if got := upperLayer(mounts, dir); got != want {
			t.Errorf("%s: %+v, want %+v", dir, got, want)
		}
	}
}

// A folder that does not exist yet is where the one above it is.
func TestLost_FolderInMemory(t *testing.T) {
	if got := Lost(filepath.Join(memoryDir, "to", "come")); got != "in memory" {
		t.Errorf("%q", got)
	}
}
