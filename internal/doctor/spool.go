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
)

// scant is how little room a disk may have before nothing on the machine works
// as it should, in bytes.
const scant = 16 << 20

// spool tells whether readings can wait on disk.
func (p Patient) spool(r running) []Finding {
	dir, most := p.Config.Spool.Dir, p.Config.Spool.MaxSize
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return []Finding{judgeParent(dir, most)}
	}
	room, err := spool.CheckDir(dir)
	f := judgeSpool(dir, most, room, err)
	switch owner := ownerOf(info); {
	case !errors.Is(err, fs.ErrPermission):
	case owner == user():
		f.Fix = "chmod u+rwx " + quoted(dir)
	case anothers(owner, r.seen()):
		f = Finding{f.Check, Warn, fmt.Sprintf("%s belongs to %s, who seems to run the gateway; %s cannot look", dir, cmp.Or(owner, "another user"), user()),
			fmt.Sprintf("sudo -u %s %s doctor -c %s", cmp.Or(owner, "USER"), p.Self, quoted(p.File))}
	}
	return []Finding{f}
}

// anothers tells whether a folder of another user is of who runs the gateway, and
// no mistake: root's is most often left by a first try with sudo.
func anothers(owner string, seen bool) bool { return owner != "root" || seen }

// judgeParent is for a folder that the gateway has yet to make.
func judgeParent(dir string, most int64) Finding {
	parent := filepath.Dir(dir)
	for parent != filepath.Dir(parent) {
		if _, err := os.Stat(parent); err == nil {
			break
		}
		parent = filepath.Dir(parent)
	}
	room, err := spool.CheckDir(parent)
	f := judgeSpool(dir, most, room, err)
	switch {
	case errors.Is(err, fs.ErrPermission):
		f.What = fmt.Sprintf("%s is not there, and %s may not make it", dir, user())
		f.Fix = fmt.Sprintf("sudo install -d -o %s -m 700 %s", user(), quoted(dir))
	case f.Level == OK:
		f.What = dir + " will be made" + strings.TrimPrefix(f.What, dir+" can be written")
	}
	return f
}

func judgeSpool(dir string, most int64, room spool.Space, err error) Finding {
	const check = "spool"
	const tight = "sudo du -xh / | sort -h | tail -n 20"
	switch {
	case errors.Is(err, fs.ErrPermission):
		return Finding{check, Fail, fmt.Sprintf("%s: %s may not write there", dir, user()),
			fmt.Sprintf("sudo chown -R %s %s", user(), quoted(dir))}
	case errors.Is(err, syscall.EROFS):
		return Finding{check, Fail, dir + " is on a disk that can only be read; a card that fails becomes so by itself, and dmesg tells",
			"sudo mount -o remount,rw \"$(findmnt -no TARGET -T " + quoted(dir) + ")\""}
	case errors.Is(err, syscall.ENOSPC):
		return Finding{check, Fail, dir + ": the disk is full; this tells of what:", tight}
	case errors.Is(err, syscall.ENOTDIR):
		return Finding{check, Fail, dir + " is no folder", "name another as spool.dir"}
	case err != nil:
		return Finding{check, Fail, fmt.Sprintf("%s cannot be written: %v", dir, err), ""}
	case room.Free < 0:
		return Finding{check, OK, dir + " can be written", ""}
	case room.Free < scant:
		return Finding{check, Fail, fmt.Sprintf("%s: the disk is nearly full, %s free; this tells of what:", dir, size(room.Free)), tight}
	case room.Free < most-room.Used:
		return Finding{check, Warn, fmt.Sprintf("%s: %s free, and the spool may grow by %s while the broker is away", dir, size(room.Free), size(most-room.Used)),
			fmt.Sprintf("set spool.max_size to less than %s", size(room.Free+room.Used))}
	}
	return Finding{check, OK, fmt.Sprintf("%s can be written; %s free", dir, size(room.Free)), ""}
}

// size shows a size: 12.3 GB, 256 MB.
func size(n int64) string {
	switch {
	case n < 1e6:
		return fmt.Sprintf("%d kB", n/1e3)
	case n < 10e9:
		return fmt.Sprintf("%d MB", n/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}
