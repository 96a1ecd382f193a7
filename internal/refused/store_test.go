package refused

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/logtest"
)

// A person reads time, topic, payload and reason; bytes that are not text are base64.
func TestStore_Keep(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "refused")
	s := NewStore(dir, "uno", slog.New(slog.DiscardHandler))
	at := time.Date(2026, 1, 2, 3, 4, 5, 678_900_000, time.FixedZone("", 3600))
	s.Keep(device.Refused{At: at, Topic: "devices/uno/note", Payload: []byte(`a "<b>"`), Reason: "too long"})
	s.Keep(device.Refused{At: at, Topic: "t\xff", Payload: []byte("\xff\x00"), Retain: true, Reason: "not UTF-8"})
	got, err := os.ReadFile(filepath.Join(dir, "uno.jsonl"))
	want := `{"time":"2026-01-02T02:04:05.678Z","topic":"devices/uno/note","payload":"a \"<b>\"","bytes":7,"reason":"too long"}
{"time":"2026-01-02T02:04:05.678Z","topic":"t\ufffd","payload":"","payload_base64":"/wA=","bytes":2,"retain":true,"reason":"not UTF-8"}
`
	if string(got) != want || err != nil {
		t.Errorf("%v\n got %s\nwant %s", err, got, want)
	}
}

// Whatever comes, there are two files of at most MaxBytes, and the newest message is in
// one of them.
func TestStore_IsBounded(t *testing.T) {
	dir := t.TempDir()
	s := NewStore(dir, "uno", slog.New(slog.DiscardHandler))
	payload := bytes.Repeat([]byte("x"), 2*maxPayload)
	for range 20 {
		s.Keep(device.Refused{Topic: "t", Payload: payload})
	}
	s.Keep(device.Refused{Topic: "last"})
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 2 {
		t.Fatalf("%q, %v", files, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil || len(data) > MaxBytes {
			t.Errorf("%s: %d bytes, %v", file, len(data), err)
		}
		for line := range bytes.Lines(data) {
			if !json.Valid(line) {
				t.Errorf("%s: %.100q", file, line)
			}
		}
		if file == s.path && !bytes.Contains(data, []byte(`"topic":"last"`)) {
			t.Error("the last message is missing")
		}
	}
}

// A folder that cannot be written is a line in the log.
func TestStore_CannotWrite(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var log logtest.Log
	NewStore(filepath.Join(file, "refused"), "uno", slog.New(slog.NewTextHandler(&log, nil))).Keep(device.Refused{Topic: "t"})
	if !strings.Contains(log.String(), "cannot keep a message that was put aside") {
		t.Error(log.String())
	}
}
