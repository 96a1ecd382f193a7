package refused

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
	"unicode/utf8"

	"arduino-gateway/device"
	"arduino-gateway/internal/stagedfs"
)

const (
	// MaxBytes is the size at which a file is replaced. There are at most two a device.
	MaxBytes = 1 << 20
	// maxPayload is how much of a payload is kept.
	maxPayload = 256 << 10
)

// disk bounds the wait for a disk that hangs: a session goes on.
var disk = stagedfs.Guard(stagedfs.Disk{Private: true})

// Store keeps the refused messages of one device. It is safe for concurrent use.
type Store struct {
	path string
	log  *slog.Logger
	mu   sync.Mutex // guards the file
}

// NewStore returns the store whose file is dir/NAME.jsonl. The first message creates both.
func NewStore(dir, name string, log *slog.Logger) *Store {
	return &Store{path: filepath.Join(dir, name+".jsonl"), log: log}
}

// record is a message as it stands in the file.
type record struct {
	Time    time.Time `json:"time"`
	Topic   string    `json:"topic"`
	Payload string    `json:"payload"`                  // its beginning, as text
	Binary  []byte    `json:"payload_base64,omitempty"` // instead, if it is not text
	Bytes   int       `json:"bytes"`                    // of the whole payload
	Retain  bool      `json:"retain,omitempty"`
	Reason  string    `json:"reason"`
}

// Keep appends a message to the file. If that fails, it logs the error.
func (s *Store) Keep(m device.Refused) {
	text := encode(m)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := disk.Do(func() error { return s.append(text) }); err != nil {
		s.log.Warn("cannot keep a message that was put aside", "error", err)
	}
}

// encode returns the line of a message.
func encode(m device.Refused) []byte {
	r := record{Time: m.At.UTC().Truncate(time.Millisecond), Topic: m.Topic, Bytes: len(m.Payload), Retain: m.Retain, Reason: m.Reason}
	if payload := m.Payload[:min(len(m.Payload), maxPayload)]; utf8.Valid(m.Payload) {
		r.Payload = string(payload)
	} else {
		r.Binary = payload
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false) // it is for people
	if err := e.Encode(r); err != nil {
		panic(err) // these types cannot fail
	}
	return text.Bytes()
}

// append writes a line, into a new file if the old one is full.
func (s *Store) append(line []byte) error {
	if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
		return err
	}
	if about, err := os.Stat(s.path); err == nil && about.Size() > 0 && about.Size()+int64(len(line)) > MaxBytes {
		if err := os.Rename(s.path, s.path+".1"); err != nil {
			return err
		}
	}
	file, err := os.OpenFile(s.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(line)
	if closing := file.Close(); err == nil {
		err = closing
	}
	return err
}
