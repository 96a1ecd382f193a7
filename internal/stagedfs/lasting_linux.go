package stagedfs

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Lost returns why the files of a folder do not outlive a reboot, "" if they do or if
// that is not known. The folder need not exist.
func Lost(dir string) string {
	dir, ok := existing(dir)
	if !ok {
		return ""
	}
	kind := typeOf(dir)
	if kind != unix.OVERLAYFS_SUPER_MAGIC {
		return lost(kind, layer{})
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return ""
	}
	l := upperLayer(string(mounts), dir)
	l.kind = typeOf(l.upper)
	pids, err := os.Readlink("/proc/self/ns/pid")
	l.container = err != nil || pids != hostPIDs
	return lost(kind, l)
}

// existing returns the folder, or the lowest one above it that exists.
func existing(dir string) (string, bool) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", false
	}
	for {
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			return real, true
		}
		if dir == filepath.Dir(dir) {
			return "", false
		}
		dir = filepath.Dir(dir)
	}
}

// typeOf returns the type of the file system of a folder, 0 if that is not known.
func typeOf(dir string) int64 {
	var st unix.Statfs_t
	if dir == "" || unix.Statfs(dir, &st) != nil {
		return 0
	}
	return int64(uint32(st.Type)) // 32-bit machines have it signed
}

// layer is where an overlay file system writes to.
type layer struct {
	root      bool   // the overlay is the whole system
	upper     string // its folder, "" if there is none
	kind      int64  // the type of its file system, 0 if that is not known
	container bool   // this process runs in a container
}

// lost decides why files of a file system do not outlive a reboot, "" if they do or if
// that is not known: a container's own layer outlives a reboot.
func lost(kind int64, l layer) string {
	switch {
	case kind == unix.TMPFS_MAGIC || kind == unix.RAMFS_MAGIC:
		return "in memory"
	case kind != unix.OVERLAYFS_SUPER_MAGIC:
		return ""
	case l.kind == unix.TMPFS_MAGIC || l.kind == unix.RAMFS_MAGIC:
		return "on an overlay in memory"
	case l.kind == 0 && l.root && !l.container:
		return "on an overlay, which is probably in memory"
	}
	return ""
}

// upperLayer returns where the overlay writes to that holds dir, from a text like
//
//	27 1 0:24 / / rw - overlay overlay rw,lowerdir=/lower,upperdir=/media/root-rw/overlay
func upperLayer(mounts, dir string) (l layer) {
	longest := ""
	for lines := bufio.NewScanner(strings.NewReader(mounts)); lines.Scan(); {
		mount, fs, ok := strings.Cut(lines.Text(), " - ")
		fields, on := strings.Fields(mount), strings.Fields(fs)
		if !ok || len(fields) < 5 || len(on) < 3 {
			continue
		}
		point := fields[4]
		if dir != point && !strings.HasPrefix(dir, strings.TrimSuffix(point, "/")+"/") || len(point) < len(longest) {
			continue
		}
		longest, l = point, layer{root: point == "/"}
		for option := range strings.SplitSeq(on[2], ",") {
			if upper, found := strings.CutPrefix(option, "upperdir="); found && on[0] == "overlay" {
				l.upper = upper
			}
		}
	}
	return l
}
