package daemon

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"arduino-gateway/internal/logtest"
)

// What is left of a pause after a restart.
func TestPauses_SurviveARestart(t *testing.T) {
	dir, log := t.TempDir(), slog.New(slog.DiscardHandler)
	begun := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	before := openPauses(dir, log)
	before.set("uno", begun, begun.Add(2*time.Minute))
	before.set("mega", begun, begun.Add(time.Hour))
	before.set("nano", begun, begun.Add(time.Hour))
	before.end("nano", begun.Add(time.Second))
	after := openPauses(dir, log)
	for _, c := range []struct {
		device    string
		now, rest time.Duration
	}{
		{"uno", 0, 2 * time.Minute}, {"uno", time.Minute, time.Minute}, {"uno", 2 * time.Minute, 0}, {"uno", time.Hour, 0},
		{"uno", -time.Second, 0}, // the clock was set back
		{"mega", 2 * time.Minute, 58 * time.Minute}, {"nano", time.Minute, 0}, {"other", 0, 0},
	} {
		if rest := after.rest(c.device, begun.Add(c.now)); rest != c.rest {
			t.Errorf("%s after %v: %v, want %v", c.device, c.now, rest, c.rest)
		}
	}
	after.retain(func(id string) bool { return id != "mega" }, begun)
	if again := openPauses(dir, log); again.rest("mega", begun) != 0 || again.rest("uno", begun) == 0 {
		t.Error("the pause of a removed device is kept")
	}
	after.end("other", begun.Add(time.Hour)) // those that are over leave the file
	if text, err := os.ReadFile(filepath.Join(dir, "pauses.json")); err != nil || string(text) != "{}\n" {
		t.Errorf("%s, %v", text, err)
	}
}

// A damaged file, and a folder that cannot be written, are logged. The file is set aside,
// and what was not written is written when the folder is there.
func TestPauses_LogFailures(t *testing.T) {
	var log logtest.Log
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "pauses.json"), []byte("{half"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := openPauses(dir, slog.New(slog.NewTextHandler(&log, nil)))
	log.Await(t, "cannot read pauses.json")
	now := time.Now()
	p.set("uno", now, now.Add(time.Minute)) // replaces the damaged file
	if openPauses(dir, slog.New(slog.DiscardHandler)).rest("uno", now) == 0 {
		t.Error("the pause is lost")
	}
	if text, err := os.ReadFile(filepath.Join(dir, "pauses.json.unread")); err != nil || string(text) != "{half" {
		t.Errorf("%q, %v", text, err)
	}
	away := filepath.Join(dir, "none")
	nowhere := openPauses(away, slog.New(slog.NewTextHandler(&log, nil)))
	nowhere.set("uno", now, now.Add(time.Minute))
	log.Await(t, "cannot save pauses.json")
	if err := os.Mkdir(away, 0o700); err != nil {
		t.Fatal(err)
	}
	nowhere.file.Retry()
	if openPauses(away, slog.New(slog.DiscardHandler)).rest("uno", now) == 0 {
		t.Error("the pause is not written later")
	}
}
