package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"sync"

	"arduino-gateway/device"
	"arduino-gateway/internal/rawio"
)

const (
	// mostKnown bounds the commands that are known by their packet identifiers,
	// and those in hand: beyond it the oldest goes.
	mostKnown = 1024

	// mostBytes in the file, and it is written anew.
	mostBytes = 256 << 10
)

// Journal is that of one device. It is safe for concurrent use.
type Journal struct {
	path string // "" is in memory only
	log  *slog.Logger

	mu       sync.Mutex
	file     *rawio.File
	size     int
	record   []byte            // as it was last written
	entries  []*Entry          // in the order of their IDs
	packets  map[uint16]*Entry // the newest of each packet identifier but 0
	last     uint64
	speaks   bool
	rebooted bool
	told     bool // that it can't be written
	unread   bool // what the file holds is not known
}

// Open reads the journal of a device; there may be none. An empty path is one
// that nobody remembers.
func Open(path string, log *slog.Logger) *Journal {
	j := &Journal{path: path, log: log, packets: map[uint16]*Entry{}}
	if path == "" {
		return j
	}
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		j.unread = true
		j.fails(err)
	}
	j.read(data)
	return j
}

// read takes the records as far as they are whole.
func (j *Journal) read(data []byte) {
	first, rest, _ := bytes.Cut(data, []byte{'\n'})
	var h head
	if json.Unmarshal(first, &h) != nil {
		return
	}
	j.speaks, j.rebooted = h.Speaks, h.Boot != boot()
	for len(rest) > 0 {
		var line []byte
		line, rest, _ = bytes.Cut(rest, []byte{'\n'})
		e := &Entry{}
		if json.Unmarshal(line, e) != nil || e.ID == 0 {
			continue // cut short, as by a full disk
		}
		j.put(e)
	}
}

// put takes an entry in, in place of an earlier state of it.
func (j *Journal) put(e *Entry) {
	j.last = max(j.last, e.ID)
	if i := j.find(e.ID); i >= 0 {
		j.lose(j.entries[i])
		j.entries[i] = e
	} else {
		j.entries = append(j.entries, e)
	}
	if e.Packet != 0 {
		j.packets[e.Packet] = e
	}
	if len(j.entries) > mostKnown {
		j.lose(j.entries[0])
		j.entries = slices.Delete(j.entries, 0, 1)
	}
}

// lose makes an entry unknown by its packet identifier.
func (j *Journal) lose(e *Entry) {
	if j.packets[e.Packet] == e {
		delete(j.packets, e.Packet)
	}
	e.Packet = 0
}

func (j *Journal) find(id uint64) int {
	i, ok := slices.BinarySearchFunc(j.entries, id, func(e *Entry, id uint64) int { return int(int64(e.ID - id)) })
	if !ok {
		return -1
	}
	return i
}

// Left gives the commands that a former life had in hand, in the order of their
// arrival.
func (j *Journal) Left() (left []Entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range j.entries {
		if !e.Over {
			left = append(left, *e)
		}
	}
	return left
}

// Rebooted tells that the machine was started since the journal was written:
// its last records may be missing.
func (j *Journal) Rebooted() bool { return j.rebooted }

// Speaks tells whether the board confirmed commands when last heard of.
func (j *Journal) Speaks() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.speaks
}

// SetSpeaks remembers it.
func (j *Journal) SetSpeaks(speaks bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.speaks != speaks {
		j.speaks = speaks
		j.rewrite()
	}
}

// Take takes a command in, and gives its ID. Again tells that the broker has
// delivered it before: it is in hand, or over, and is not taken. Duplicate is
// the broker's word that this may be so.
func (j *Journal) Take(e Entry, duplicate bool) (id uint64, again bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if known := j.packets[e.Packet]; known != nil {
		if duplicate && known.Command == e.Command && known.Value == e.Value {
			return known.ID, true
		}
		j.lose(known) // the broker uses the identifier anew
	}
	j.last++
	e.ID = j.last
	j.put(&e)
	j.append(&e)
	return e.ID, false
}

// Forget tells that the broker knows nothing of earlier deliveries: its packet
// identifiers begin anew.
func (j *Journal) Forget() {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range j.entries {
		j.lose(e)
	}
	j.entries = slices.DeleteFunc(j.entries, func(e *Entry) bool { return e.Over })
}

// Sent tells, before it goes out, that a command is sent; session and number are
// 0 for a board that has none.
func (j *Journal) Sent(id uint64, line string, session, number uint16) {
	j.change(id, func(e *Entry) { e.Line, e.Sent, e.Session, e.Number = line, true, session, number })
}

// Back tells that a command that was sent has not run.
func (j *Journal) Back(id uint64) {
	j.change(id, func(e *Entry) { e.Sent, e.Session, e.Number = false, 0, 0 })
}

// Result tells what became of a command, before anybody is told.
func (j *Journal) Result(id uint64, r device.Result) {
	j.change(id, func(e *Entry) { e.Result = &r })
}

// Over tells that the broker has the result.
func (j *Journal) Over(id uint64) {
	j.change(id, func(e *Entry) { e.Over, e.Result = true, nil })
}

func (j *Journal) change(id uint64, change func(*Entry)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	i := j.find(id)
	if i < 0 {
		return
	}
	change(j.entries[i])
	j.append(j.entries[i])
	if e := j.entries[i]; e.Over && e.Packet == 0 {
		j.entries = slices.Delete(j.entries, i, i+1)
	}
}

// Close closes the file, for good.
func (j *Journal) Close() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.close()
}

func (j *Journal) close() {
	if j.file != nil {
		_ = j.file.Close()
		j.file = nil
	}
	j.path = ""
}

// Remove closes the journal of a device that is no more and deletes its file,
// unless a command is still in hand.
func (j *Journal) Remove() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	path := j.path
	j.close()
	if path == "" || j.unread || slices.ContainsFunc(j.entries, func(e *Entry) bool { return !e.Over }) {
		return nil
	}
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
