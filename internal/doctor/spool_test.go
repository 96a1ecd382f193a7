package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"arduino-gateway/internal/spool"
)

// TestSpool_Folder checks a folder before it exists, as it is, and a file in its place.
func TestSpool_Folder(t *testing.T) {
	target := targetWith(t, "mqtt: {broker: mqtt://b}\n"+oneDevice)
	check(t, target.spool(stopped), "ok spool: "+target.Config.Spool.Dir+" will be created")
	if _, err := os.Stat(target.Config.Spool.Dir); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the doctor made it")
	}
	dir := target.Config.Spool.Dir
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	check(t, target.spool(stopped), "ok spool: "+dir+" can be written")
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("the doctor left %v", left)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	target.Config.Spool.Dir = file
	check(t, target.spool(stopped), "fail spool: "+file+" is not a folder | another folder")
	target.Config.Spool.Dir = filepath.Join(file, "below")
	check(t, target.spool(stopped), "fail spool: below is not a folder | another folder")
}

// TestSpool_OfAnotherUser tells a mistake from the folder of the user who runs the gateway.
func TestSpool_OfAnotherUser(t *testing.T) {
	for _, c := range []struct {
		owner string
		seen  bool
		want  bool
	}{{"root", false, false}, {"root", true, true}, {"gateway", false, true}, {"", true, true}} {
		if got := runsGateway(c.owner, c.seen); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
	info, err := os.Stat(t.TempDir())
	if owner := ownerOf(info); err != nil || owner != user() {
		t.Errorf("%q, %v; want %s", owner, err, user())
	}
}

// TestSpool_Findings expects the finding for each state of a disk.
func TestSpool_Findings(t *testing.T) {
	const most = 256e6
	for want, c := range map[string]struct {
		room spool.Space
		err  error
	}{
		"ok spool: /s can be written; 12.5 GB free":                               {spool.Space{Free: 12.5e9}, nil},
		"warn spool: 100 MB free, and the spool may grow by 156 MB | than 200 MB": {spool.Space{Free: 100e6, Used: 100e6}, nil},
		"ok spool: /s can be written; 100 MB free":                                {spool.Space{Free: 100e6, Used: 200e6}, nil},
		"warn spool: cannot sync a folder | local disk":                           {spool.Space{Free: 1e9, NoFolderSync: true}, nil},
		"fail spool: nearly full, 900 kB free | sudo du":                          {spool.Space{Free: 900e3}, nil},
		"fail spool: the disk is full | sudo du":                                  {spool.Space{}, &fs.PathError{Err: syscall.ENOSPC}},
		"fail spool: read-only disk | sudo mount -o remount,rw":                   {spool.Space{}, &fs.PathError{Err: syscall.EROFS}},
		"fail spool: may not write there | sudo chown -R":                         {spool.Space{}, &fs.PathError{Err: syscall.EACCES}},
		"fail spool: cannot be written: input/output error":                       {spool.Space{}, syscall.EIO},
	} {
		check(t, []Finding{spoolFinding("/s", most, c.room, c.err)}, want)
	}
}

// TestSize_Format formats sizes at the limits of each unit.
func TestSize_Format(t *testing.T) {
	for n, want := range map[int64]string{0: "0 kB", 999_999: "999 kB", 1e6: "1 MB", 9_999e6: "9999 MB", 252e9: "252.0 GB"} {
		if got := size(n); got != want {
			t.Error(fmt.Sprint(n), got, want)
		}
	}
}
