package autodetect

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Boards are still known after a restart, each ID once, in the order of detection.
func TestRegistry_KeepsBoardsOverARestart(t *testing.T) {
	dir, log := t.TempDir(), slog.New(slog.DiscardHandler)
	r := OpenRegistry(dir, log)
	for _, board := range []Board{{ID: "tank", Port: "/dev/ttyUSB0", Baud: 9600}, {ID: "attic", Port: "usb:2341:0043:75", Baud: 115200},
		{ID: "tank", Port: "/dev/ttyUSB1", Baud: 9600}, {ID: "ch340", Port: "usb-path:1-1", Baud: 9600, Plain: true}, {ID: "shed", Port: "/dev/ttyUSB2"}} {
		if err := r.Put(board); err != nil {
			t.Fatal(err)
		}
	}
	r.Remove("shed")
	want := []Board{{"attic", "usb:2341:0043:75", 115200, false}, {"tank", "/dev/ttyUSB1", 9600, false}, {"ch340", "usb-path:1-1", 9600, true}}
	if got := OpenRegistry(dir, log).Boards(); !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// The file has its format since the first release that wrote one.
func TestRegistry_FileFormat(t *testing.T) {
	dir := t.TempDir()
	const text = `[{"id":"tank","port":"/dev/ttyUSB0","baud":9600},{"id":"ch340","port":"usb-path:1-1","baud":115200,"plain":true}]`
	if err := os.WriteFile(filepath.Join(dir, "boards.json"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	want := []Board{{"tank", "/dev/ttyUSB0", 9600, false}, {"ch340", "usb-path:1-1", 115200, true}}
	if got := OpenRegistry(dir, slog.New(slog.DiscardHandler)).Boards(); !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// A damaged file is logged and set aside, and the gateway starts without it. A program
// that only looks leaves it where it is.
func TestRegistry_StartsEmptyAfterADamagedFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "boards.json"), []byte(`[{"id":"tank","port":1}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	damaged := filepath.Join(dir, "boards.json.unread")
	if boards := SavedBoards(dir); len(boards) != 0 {
		t.Errorf("%v", boards)
	}
	if _, err := os.Stat(damaged); err == nil {
		t.Error("a program that only looks has set the file aside")
	}
	var log bytes.Buffer
	r := OpenRegistry(dir, slog.New(slog.NewTextHandler(&log, nil)))
	if len(r.Boards()) != 0 || !strings.Contains(log.String(), "cannot read boards.json") {
		t.Errorf("%v\n%s", r.Boards(), log.String())
	}
	if text, err := os.ReadFile(damaged); err != nil || !strings.Contains(string(text), "tank") {
		t.Errorf("%q, %v", text, err)
	}
}

// A full registry refuses a new board, but not another port for a known one.
func TestRegistry_IsBounded(t *testing.T) {
	r := OpenRegistry(t.TempDir(), slog.New(slog.DiscardHandler))
	for i := range maxBoards {
		r.boards = append(r.boards, Board{ID: strings.Repeat("a", i+1)})
	}
	if err := r.Put(Board{ID: "more"}); err == nil {
		t.Error("more than there can be ports")
	}
	if err := r.Put(Board{ID: "a", Port: "/dev/ttyUSB1"}); err != nil {
		t.Error(err)
	}
}

// A file that cannot be written is logged, and the board is detected all the same. It is
// written later.
func TestRegistry_LogsWhatItCannotSave(t *testing.T) {
	var log bytes.Buffer
	dir := filepath.Join(t.TempDir(), "missing")
	r := OpenRegistry(dir, slog.New(slog.NewTextHandler(&log, nil)))
	if err := r.Put(Board{ID: "tank", Port: "/dev/ttyUSB0"}); err != nil || !strings.Contains(log.String(), "cannot save boards.json") {
		t.Errorf("%v\n%s", err, log.String())
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	r.SaveAgain()
	if boards := SavedBoards(dir); !slices.Equal(boards, r.Boards()) {
		t.Errorf("%v", boards)
	}
}
