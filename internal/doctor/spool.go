package doctor

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"arduino-gateway/internal/spool"
	"arduino-gateway/internal/stagedfs"
)

// minFree is the free space in bytes below which a machine no longer works properly.
const minFree = 16 << 20

// spool checks whether readings can be kept on disk.
func (t Target) spool(r running) []Finding {
	dir, most := t.Config.Spool.Dir, t.Config.Spool.MaxSize
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return append([]Finding{parentFinding(dir, most)}, lostFinding(dir)...)
	}
	room, err := spool.CheckDir(dir)
	f := spoolFinding(dir, most, room, err)
	switch owner := ownerOf(info); {
	case !errors.Is(err, fs.ErrPermission):
	case owner == user():
		f.Fix = "chmod u+rwx " + quoted(dir)
	case runsGateway(owner, r.runs()):
		f = Finding{f.Check, Warn, fmt.Sprintf("%s belongs to %s, who probably runs the gateway; %s cannot check it", dir, cmp.Or(owner, "another user"), user()),
			fmt.Sprintf("sudo -u %s %s doctor -c %s", cmp.Or(owner, "USER"), t.Self, quoted(t.File))}
	}
	return append([]Finding{f}, lostFinding(dir)...)
}

// lostFinding warns of a folder that does not outlive a reboot.
func lostFinding(dir string) []Finding {
	lost := stagedfs.Lost(dir)
	if lost == "" {
		return nil
	}
	return []Finding{{"spool", Warn, fmt.Sprintf("%s is %s: a reboot loses the lines that wait", dir, lost), "set spool.dir to a folder on a disk"}}
}

// runsGateway reports whether the owner of a folder probably runs the gateway. If not,
// the folder is a mistake: root's is most often left by a first try with sudo.
func runsGateway(owner string, running bool) bool { return owner != "root" || running }

// parentFinding checks the folder in which the gateway will create the spool's.
func parentFinding(dir string, most int64) Finding {
	parent := filepath.Dir(dir)
	for parent != filepath.Dir(parent) {
		if _, err := os.Stat(parent); err == nil {
			break
		}
		parent = filepath.Dir(parent)
	}
	room, err := spool.CheckDir(parent)
	f := spoolFinding(dir, most, room, err)
	switch {
	case errors.Is(err, fs.ErrPermission):
		f.What = fmt.Sprintf("%s does not exist, and %s may not create it", dir, user())
		f.Fix = fmt.Sprintf("sudo install -d -o %s -m 700 %s", user(), quoted(dir))
	case f.Level == OK:
		f.What = dir + " will be created" + strings.TrimPrefix(f.What, dir+" can be written")
	}
	return f
}

func spoolFinding(dir string, most int64, room spool.Space, err error) Finding {
	const check = "spool"
	const largest = "sudo du -xh / | sort -h | tail -n 20"
	switch {
	case errors.Is(err, fs.ErrPermission):
		return Finding{check, Fail, fmt.Sprintf("%s: %s may not write there", dir, user()),
			fmt.Sprintf("sudo chown -R %s %s", user(), quoted(dir))}
	case errors.Is(err, syscall.EROFS):
		return Finding{check, Fail, dir + " is on a read-only disk; a failing SD card becomes read-only by itself (see dmesg)",
			"sudo mount -o remount,rw \"$(findmnt -no TARGET -T " + quoted(dir) + ")\""}
	case errors.Is(err, syscall.ENOSPC):
		return Finding{check, Fail, dir + ": the disk is full; this lists the largest folders:", largest}
	case errors.Is(err, syscall.ENOTDIR):
		return Finding{check, Fail, dir + " is not a folder", "set spool.dir to another folder"}
	case err != nil:
		return Finding{check, Fail, fmt.Sprintf("%s cannot be written: %v", dir, err), ""}
	case room.NoFolderSync:
		return Finding{check, Warn, dir + " is on a file system that cannot sync a folder: a power cut may lose lines that wait", "set spool.dir to a folder on a local disk"}
	case room.Free < 0:
		return Finding{check, OK, dir + " can be written", ""}
	case room.Free < minFree:
		return Finding{check, Fail, fmt.Sprintf("%s: the disk is nearly full, %s free; this lists the largest folders:", dir, size(room.Free)), largest}
	case room.Free < most-room.Used:
		return Finding{check, Warn, fmt.Sprintf("%s: %s free, and the spool may grow by %s without a broker", dir, size(room.Free), size(most-room.Used)),
			fmt.Sprintf("set spool.max_size to less than %s", size(room.Free+room.Used))}
	}
	return Finding{check, OK, fmt.Sprintf("%s can be written; %s free", dir, size(room.Free)), ""}
}

// size formats a number of bytes: 12.3 GB, 256 MB.
func size(n int64) string {
	switch {
	case n < 1e6:
		return fmt.Sprintf("%d kB", n/1e3)
	case n < 10e9:
		return fmt.Sprintf("%d MB", n/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}
