//go:build unix

package logging

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/creack/pty"
)

// The style depends on where the text goes.
func TestStyleFor(t *testing.T) {
	master, terminal, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	defer terminal.Close()
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	dated := style{time: "2006-01-02T15:04:05.000Z07:00"}
	timed := style{time: "15:04:05.000"}
	coloured := style{time: timed.time, colour: true}
	for name, c := range map[string]struct {
		file *os.File
		env  map[string]string
		want style
	}{
		"terminal":             {terminal, nil, coloured},
		"NO_COLOR":             {terminal, map[string]string{"NO_COLOR": "1"}, timed},
		"dumb terminal":        {terminal, map[string]string{"TERM": "dumb"}, timed},
		"file":                 {file, nil, dated},
		"journal":              {file, map[string]string{"JOURNAL_STREAM": journalStream(t, file)}, style{priority: true}},
		"journal, yet a file":  {file, map[string]string{"JOURNAL_STREAM": "9:1"}, dated},
		"journal, but by hand": {terminal, map[string]string{"JOURNAL_STREAM": journalStream(t, file)}, coloured},
	} {
		if got := styleFor(c.file, func(k string) string { return c.env[k] }); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	if got := styleFor(&bytes.Buffer{}, os.Getenv); got != dated {
		t.Errorf("a writer that is not a file: %+v", got)
	}
	_ = file.Close()
	if isJournal(file, "9:1") {
		t.Error("a closed file counts as the journal")
	}
}

func journalStream(t *testing.T, f *os.File) string {
	t.Helper()
	var stat syscall.Stat_t
	if err := syscall.Fstat(int(f.Fd()), &stat); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d:%d", stat.Dev, stat.Ino)
}
