package journal

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"arduino-gateway/device"
)

func open(t *testing.T, path string) *Journal {
	j := Open(path, slog.New(slog.DiscardHandler))
	t.Cleanup(j.Close)
	return j
}

// TestWhatAKillLeaves opens the file again with nothing closed.
func TestWhatAKillLeaves(t *testing.T) {
	path := filepath.Join(t.TempDir(), "commands", "uno")
	j := open(t, path)
	ids := map[string]uint64{}
	for i, command := range []string{"waits", "sent", "back", "plain", "result", "over"} {
		ids[command], _ = j.Take(Entry{Command: command, Packet: uint16(i + 1)}, false)
	}
	j.SetSpeaks(true)
	j.Sent(ids["sent"], "sent=1", 0x7f3a, 5)
	j.Sent(ids["back"], "back=1", 0x7f3a, 6)
	j.Back(ids["back"])
	j.Sent(ids["plain"], "plain=1", 0, 0)
	j.Result(ids["result"], device.Result{Status: device.Done, Reply: "yes"})
	j.Result(ids["over"], device.Result{Status: device.Done})
	j.Over(ids["over"])

	k := open(t, path)
	var left []string
	for _, e := range k.Left() {
		text := fmt.Sprintf("%s %v %04X %d", e.Command, e.Sent, e.Session, e.Number)
		if e.Result != nil {
			text += " " + e.Result.Reply
		}
		left = append(left, text)
	}
	want := "waits false 0000 0, sent true 7F3A 5, back false 0000 0, plain true 0000 0, result false 0000 0 yes"
	if got := strings.Join(left, ", "); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if !k.Speaks() || k.Rebooted() {
		t.Errorf("speaks %v, rebooted %v", k.Speaks(), k.Rebooted())
	}
	if id, again := k.Take(Entry{Command: "over", Packet: 6}, true); !again || id != ids["over"] {
		t.Error("what is over is run again")
	}
	if id, again := k.Take(Entry{Command: "new"}, false); again || id <= ids["over"] {
		t.Errorf("the next is %d, %v", id, again)
	}
}

func TestWhatIsDeliveredTwice(t *testing.T) {
	j := open(t, "")
	first := Entry{Command: "led", Value: "on", Packet: 7}
	j.Take(first, false)
	for _, c := range []struct {
		name      string
		entry     Entry
		duplicate bool
		again     bool
	}{
		{"the same once more", first, true, true},
		{"another value", Entry{Command: "led", Value: "off", Packet: 7}, true, false},
		{"the first, whose identifier went to another", first, true, false},
		{"a new message under an old identifier", first, false, false},
		{"without an identifier", Entry{Command: "led", Value: "on"}, true, false},
		{"and again without", Entry{Command: "led", Value: "on"}, true, false},
	} {
		if _, again := j.Take(c.entry, c.duplicate); again != c.again {
			t.Errorf("%s: again is %v", c.name, again)
		}
	}
	j.Forget()
	if _, again := j.Take(first, true); again {
		t.Error("the broker has forgotten it, and it is not run")
	}
}

// TestBounds floods a journal; neither the file nor the memory grows for ever.
func TestBounds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "uno")
	j := open(t, path)
	for i := range 20 * mostKnown {
		id, _ := j.Take(Entry{Command: "led", Packet: uint16(i)}, false)
		j.Result(id, device.Result{Status: device.Rejected})
		j.Over(id)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > 3*mostBytes || len(j.entries) > mostKnown || len(j.packets) > len(j.entries) {
		t.Errorf("%d bytes, %d entries, %d packets", info.Size(), len(j.entries), len(j.packets))
	}
}

// TestDamage cuts and spoils a file; what is whole counts.
func TestDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "uno")
	j := open(t, path)
	j.Take(Entry{Command: "a"}, false)
	j.Take(Entry{Command: "b"}, false)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(data) + 1 {
		k := &Journal{}
		k.read(data[:n])
		if left := k.Left(); len(left) > 2 || n == len(data) && len(left) != 2 {
			t.Fatalf("of %d bytes are left %v", n, left)
		}
	}
	other := bytes.Replace(data, []byte(`{"boot":"`), []byte(`{"boot":"x`), 1)
	k := &Journal{}
	if k.read(other); !k.Rebooted() {
		t.Error("a start of the machine goes unnoticed")
	}
}

func TestAJournalThatCantBeWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file", "uno")
	if err := os.WriteFile(filepath.Dir(path), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	j := Open(path, slog.New(slog.NewTextHandler(&log, nil)))
	id, _ := j.Take(Entry{Command: "led"}, false)
	j.Sent(id, "led=on", 1, 1)
	if left := j.Left(); len(left) != 1 || !left[0].Sent {
		t.Errorf("left is %v", left)
	}
	if n := strings.Count(log.String(), "level=WARN"); n != 1 {
		t.Errorf("told %d times: %s", n, &log)
	}
}

// TestRemove keeps what is still owed to somebody.
func TestRemove(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "commands")
	if ids, err := Devices(dir); err != nil || len(ids) > 0 {
		t.Errorf("before there is a folder: %q, %v", ids, err)
	}
	over, owed, unread := open(t, filepath.Join(dir, "over")), open(t, filepath.Join(dir, "owed")), filepath.Join(dir, "unread")
	for _, j := range []*Journal{over, owed} {
		id, _ := j.Take(Entry{Command: "led"}, false)
		j.Result(id, device.Result{Status: device.Expired})
		if j == over {
			j.Over(id)
		}
	}
	if err := os.Mkdir(unread, 0o700); err != nil { // a file that can't be read
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "over.new"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if ids, err := Devices(dir); err != nil || fmt.Sprint(ids) != "[over owed]" {
		t.Errorf("%q, %v", ids, err)
	}
	for _, j := range []*Journal{over, owed, open(t, unread), open(t, filepath.Join(dir, "none")), open(t, "")} {
		if err := j.Remove(); err != nil {
			t.Error(err)
		}
	}
	if ids, err := Devices(dir); err != nil || fmt.Sprint(ids) != "[owed]" {
		t.Errorf("at the end %q, %v", ids, err)
	}
	if _, err := os.Stat(unread); err != nil {
		t.Error(err)
	}
}
