package journal

import (
	"errors"
	"io/fs"
	"log/slog"
	"slices"
	"sync"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/stagedfs"
)

const (
	// maxCommands and maxLive bound the commands in memory: the unfinished ones and those
	// known by their packet identifier. Beyond them the oldest is dropped. maxLive is in
	// bytes of their records.
	maxCommands = 1024
	maxLive     = 512 << 10

	// maxBytes is the size of the file from which on it is rewritten, when less than half
	// of it is records of the commands in memory.
	maxBytes = 256 << 10
)

// Journal is the journal of one device. It is safe for concurrent use.
type Journal struct {
	path string // "": in memory only
	log  *slog.Logger

	mu       sync.Mutex
	file     stagedfs.File
	size     int                 // of the file
	live     int                 // bytes of the newest record of each command
	record   []byte              // written last
	commands []*Command          // in the order of their IDs
	packets  map[uint16]*Command // the newest of each packet identifier except 0
	last     uint64
	since    time.Time // when the connection began; zero: there was none
	speaks   bool
	rebooted bool // or damaged
	warned   bool // that the file cannot be written
	unread   bool // the file could not be read
}

// Open reads the journal of a device. The file need not exist. With an empty path the
// journal is in memory only.
func Open(path string, log *slog.Logger) *Journal {
	j := &Journal{path: path, log: log, packets: map[uint16]*Command{}}
	if path == "" {
		return j
	}
	data, err := disk.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		j.unread = true
		j.warn(err)
	}
	if damaged := j.read(data); damaged > 0 {
		log.Warn("command journal is damaged: the results of some commands may be unknown", "file", path, "places", damaged)
	}
	return j
}

// put stores a command in place of its earlier state.
func (j *Journal) put(c *Command) {
	j.last = max(j.last, c.ID)
	j.live += c.size
	if i := j.find(c.ID); i >= 0 {
		j.live -= j.commands[i].size
		j.forgetPacket(j.commands[i])
		j.commands[i] = c
	} else {
		j.commands = append(j.commands, c)
	}
	if c.Packet != 0 {
		j.packets[c.Packet] = c
	}
}

// trim drops the oldest commands beyond the bounds.
func (j *Journal) trim() {
	for len(j.commands) > 1 && (len(j.commands) > maxCommands || j.live > maxLive) {
		j.remove(0)
	}
}

func (j *Journal) remove(i int) {
	j.live -= j.commands[i].size
	j.forgetPacket(j.commands[i])
	j.commands = slices.Delete(j.commands, i, i+1)
}

func (j *Journal) forgetPacket(c *Command) {
	if j.packets[c.Packet] == c {
		delete(j.packets, c.Packet)
	}
	c.Packet = 0
}

func (j *Journal) find(id uint64) int {
	i, ok := slices.BinarySearchFunc(j.commands, id, func(c *Command, id uint64) int { return int(int64(c.ID - id)) })
	if !ok {
		return -1
	}
	return i
}

// Unfinished returns the commands whose result the broker does not have, in the order of
// their arrival. After Open they are those of the last process.
func (j *Journal) Unfinished() (unfinished []Command) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, c := range j.commands {
		if !c.Over {
			unfinished = append(unfinished, *c)
		}
	}
	return unfinished
}

// Rebooted reports that the machine was restarted since the file was written, or that the
// file is damaged: records may be missing.
func (j *Journal) Rebooted() bool { return j.rebooted }

// Speaks reports whether the board spoke the protocol when it was last heard.
func (j *Journal) Speaks() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.speaks
}

// SetSpeaks records whether the board speaks the protocol.
func (j *Journal) SetSpeaks(speaks bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.speaks != speaks {
		j.speaks = speaks
		j.rewrite()
	}
}

// Add records a command and returns its ID. duplicate is the broker's flag that it may
// have delivered the command before. If it did, in this session and not too long ago,
// again is true, nothing is recorded, and id is that of the first delivery.
func (j *Journal) Add(c Command, duplicate bool) (id uint64, again bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if known := j.copyOf(&c, duplicate); known != nil {
		known.seen = c.Arrived
		return known.ID, true
	}
	if known := j.packets[c.Packet]; known != nil {
		j.forgetPacket(known) // the broker uses the identifier for another command
		if known.Over {
			j.remove(j.find(known.ID))
		}
	}
	j.last++
	c.ID, c.seen = j.last, c.Arrived
	j.put(&c)
	j.append(&c)
	j.trim()
	return c.ID, false
}

// Sent records that a command goes out; call it before the write. session and number are
// 0 for a board that does not number commands.
func (j *Journal) Sent(id uint64, line string, session, number uint16) {
	j.change(id, func(c *Command) { c.Line, c.Sent, c.Session, c.Number = line, true, session, number })
}

// Back records that a command that was sent did not run.
func (j *Journal) Back(id uint64) {
	j.change(id, func(c *Command) { c.Sent, c.Session, c.Number = false, 0, 0 })
}

// Result records how a command ended; call it before anyone else learns the result.
func (j *Journal) Result(id uint64, r device.Result) {
	j.change(id, func(c *Command) { c.Result = &r })
}

// Delivered records that the broker has the result.
func (j *Journal) Delivered(id uint64) {
	j.change(id, func(c *Command) { c.Over, c.Result = true, nil })
}

func (j *Journal) change(id uint64, change func(*Command)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	i := j.find(id)
	if i < 0 {
		return
	}
	change(j.commands[i])
	j.append(j.commands[i])
	if c := j.commands[i]; c.Over && c.Packet == 0 {
		j.remove(i)
	}
	j.trim()
}

// Close closes the file. Later changes are kept in memory only.
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

// Remove closes the journal of a removed device. It deletes the file, unless a command in
// it is unfinished.
func (j *Journal) Remove() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	path := j.path
	j.close()
	if path == "" || j.unread || slices.ContainsFunc(j.commands, func(c *Command) bool { return !c.Over }) {
		return nil
	}
	if err := disk.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
