//go:build unix

package refused

import (
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/logtest"
)

// A disk that hangs does not hold up the session for long, which logs that the message is
// not kept. The disk is a named pipe that no program reads.
func TestStore_DoesNotWaitForADiskThatHangs(t *testing.T) {
	t.Parallel()
	pipe := filepath.Join(t.TempDir(), "uno.jsonl")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	var log logtest.Log
	s, kept := NewStore(filepath.Dir(pipe), "uno", slog.New(slog.NewTextHandler(&log, nil))), make(chan struct{})
	go func() {
		defer close(kept)
		s.Keep(device.Refused{Topic: "devices/uno/note"})
	}()
	select {
	case <-kept:
		if log.Count("cannot keep a message") != 1 {
			t.Errorf("the log is %s", log.String())
		}
	case <-time.After(10 * time.Second):
		t.Error("it waits")
	}
	reader, err := os.OpenFile(pipe, os.O_RDWR, 0) // the disk answers
	if err != nil {
		t.Fatal(err)
	}
	<-kept
	_ = reader.Close()
}
