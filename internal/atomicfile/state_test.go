package atomicfile

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// newState returns a state file in a folder that need not exist, and its log.
func newState(dir string) (*State, *bytes.Buffer) {
	var log bytes.Buffer
	return &State{Name: filepath.Join(dir, "state.json"), Unread: "all is unknown", Unsaved: "all will be unknown",
		Log: slog.New(slog.NewTextHandler(&log, nil))}, &log
}

func parseList(list *[]int) func([]byte) error {
	return func(data []byte) error { return json.Unmarshal(data, list) }
}

// wantFile expects the contents of a file.
func wantFile(t *testing.T, name, want string) {
	t.Helper()
	if got, err := os.ReadFile(name); err != nil || string(got) != want {
		t.Errorf("%s: %q, %v; want %q", filepath.Base(name), got, err, want)
	}
}

// A damaged file is set aside, with one warning, and the newest one is kept.
func TestState_SetsADamagedFileAside(t *testing.T) {
	dir := t.TempDir()
	for _, damaged := range []string{"[1, 2", "", "[3"} {
		s, log := newState(dir)
		if err := os.WriteFile(s.Name, []byte(damaged), 0o600); err != nil {
			t.Fatal(err)
		}
		var list []int
		s.Load(parseList(&list))
		if n := strings.Count(log.String(), "cannot read state.json: all is unknown"); n != 1 || !strings.Contains(log.String(), "kept="+s.Name+".unread") {
			t.Errorf("log: %s", log)
		}
		wantFile(t, s.Name+".unread", damaged)
		wantFiles(t, dir, 1)
		s.SaveJSON([]int{7})
		wantFile(t, s.Name, "[\n  7\n]\n")
		wantFile(t, s.Name+".unread", damaged)
		again, _ := newState(dir)
		again.Load(parseList(&list))
		if len(list) != 1 {
			t.Errorf("list %v", list)
		}
	}
}

// What could not even be read stays where it is until something has to be written.
func TestState_NeverOverwritesWhatItCouldNotRead(t *testing.T) {
	dir := t.TempDir()
	s, log := newState(dir)
	if err := os.Mkdir(s.Name, 0o700); err != nil { // its read fails, for root as well
		t.Fatal(err)
	}
	s.Load(parseList(new([]int)))
	if _, err := os.Stat(s.Name); err != nil || !strings.Contains(log.String(), "cannot read state.json") {
		t.Errorf("%v; log: %s", err, log)
	}
	s.SaveJSON([]int{})
	wantFile(t, s.Name, "[]\n")
	if info, err := os.Stat(s.Name + ".unread"); err != nil || !info.IsDir() {
		t.Errorf("%v, %v", info, err)
	}
}

// A file that comes later, with the disk that it is on, is set aside and not overwritten.
func TestState_SetsAFileThatComesLaterAside(t *testing.T) {
	dir := t.TempDir()
	for _, before := range []func(s *State){func(*State) {}, func(s *State) { s.Save([]byte("own")) }} {
		s, log := newState(dir)
		s.Load(parseList(new([]int)))
		before(s)
		if err := os.WriteFile(s.Name, []byte("[1]"), 0o600); err != nil {
			t.Fatal(err)
		}
		s.Save([]byte("own, later"))
		wantFile(t, s.Name, "own, later")
		wantFile(t, s.Name+".unread", "[1]")
		if !strings.Contains(log.String(), "set state.json aside") {
			t.Errorf("log: %s", log)
		}
		s.Save(nil)
		wantFiles(t, dir, 1)
	}
}

// A failed write is tried again with the newest contents, and the log has it once.
func TestState_TriesAFailedWriteAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "away")
	s, log := newState(dir)
	for range 3 {
		s.Save([]byte("old"))
		s.Retry()
	}
	s.Save([]byte("new"))
	if n := strings.Count(log.String(), "\n"); n != 1 || !strings.Contains(log.String(), "cannot save state.json: all will be unknown") {
		t.Errorf("log: %s", log)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s.Retry()
	wantFile(t, s.Name, "new")
	if !strings.Contains(log.String(), "saved state.json") {
		t.Errorf("log: %s", log)
	}
	if err := os.WriteFile(s.Name, []byte("by hand"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Retry()
	wantFile(t, s.Name, "by hand") // nothing failed since
}

// A file with nothing in it to keep is removed.
func TestState_RemovesTheFile(t *testing.T) {
	dir := t.TempDir()
	s, _ := newState(dir)
	for range 2 {
		s.Save([]byte("own"))
		s.Save(nil)
		wantFiles(t, dir, 0)
	}
}
