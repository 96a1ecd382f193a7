package journal

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"arduino-gateway/device"
)

// written returns the bytes that this process has passed to write(2), by /proc/self/io:
//
//	rchar: 1948
//	wchar: 0
func written(t *testing.T) (n int64) {
	t.Helper()
	data, err := os.ReadFile("/proc/self/io")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := bytes.Cut(data, []byte("wchar: "))
	if _, err := fmt.Sscan(string(rest), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// Large and small commands whose results no broker takes: the memory and the file are
// bounded in bytes, and no more is written than three times the records.
func TestJournal_IsBoundedInBytes(t *testing.T) {
	for size, count := range map[int]int{60_000: 200, 1_000: 2_500, 250: 10_000} {
		path := filepath.Join(t.TempDir(), "uno")
		j := open(t, path)
		before, name := written(t), strings.Repeat("n", size)
		for i := range count {
			id, _ := j.Add(Command{Name: name, Packet: uint16(i)}, false)
			j.Result(id, device.Result{Status: device.Rejected})
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		records := int64(2 * count * (size + 120))
		t.Logf("%d commands of %d bytes: %d bytes written, file of %d, %d commands known", count, size, written(t)-before, info.Size(), len(j.commands))
		if n := written(t) - before; n > 3*records {
			t.Errorf("%d commands of %d bytes: %d bytes written for %d", count, size, n, records)
		}
		if info.Size() > 3*maxLive || j.live > maxLive || len(j.commands)*size > maxLive {
			t.Errorf("%d commands of %d bytes: file of %d, live %d, %d commands", count, size, info.Size(), j.live, len(j.commands))
		}
		live := 0
		for _, c := range j.commands {
			live += len(appendCommand(nil, c))
		}
		if live != j.live {
			t.Errorf("%d commands of %d bytes: %d bytes live, counted %d", count, size, live, j.live)
		}
		if left := open(t, path).Unfinished(); len(left) < 1 || left[len(left)-1].ID != j.last {
			t.Errorf("%d commands of %d bytes: %d are read again", count, size, len(left))
		}
	}
}
