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

// After a kill, a second journal reads the state of every command from the file.
func TestJournal_SurvivesAKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "commands", "uno")
	j := open(t, path)
	ids := map[string]uint64{}
	for i, command := range []string{"waits", "sent", "back", "plain", "result", "over"} {
		ids[command], _ = j.Add(Command{Name: command, Packet: uint16(i + 1)}, false)
	}
	j.SetSpeaks(true)
	j.Sent(ids["sent"], "sent=1", 0x7f3a, 5)
	j.Sent(ids["back"], "back=1", 0x7f3a, 6)
	j.Back(ids["back"])
	j.Sent(ids["plain"], "plain=1", 0, 0)
	j.Result(ids["result"], device.Result{Status: device.Done, Reply: "yes"})
	j.Result(ids["over"], device.Result{Status: device.Done})
	j.Delivered(ids["over"])

	k := open(t, path)
	var left []string
	for _, e := range k.Unfinished() {
		text := fmt.Sprintf("%s %v %04X %d", e.Name, e.Sent, e.Session, e.Number)
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
	if id, again := k.Add(Command{Name: "over", Packet: 6}, true); !again || id != ids["over"] {
		t.Error("a finished command is accepted again")
	}
	if id, again := k.Add(Command{Name: "new"}, false); again || id <= ids["over"] {
		t.Errorf("the next is %d, %v", id, again)
	}
}

// The same command under the same packet identifier is a second delivery only if the broker
// marks it as a duplicate.
func TestJournal_RecognisesDuplicates(t *testing.T) {
	j := open(t, "")
	first := Command{Name: "led", Value: "on", Packet: 7}
	j.Add(first, false)
	for _, c := range []struct {
		name      string
		command   Command
		duplicate bool
		again     bool
	}{
		{"the same once more", first, true, true},
		{"another value", Command{Name: "led", Value: "off", Packet: 7}, true, false},
		{"the first, whose identifier went to another", first, true, false},
		{"a new message under an old identifier", first, false, false},
		{"without an identifier", Command{Name: "led", Value: "on"}, true, false},
		{"and again without", Command{Name: "led", Value: "on"}, true, false},
	} {
		if _, again := j.Add(c.command, c.duplicate); again != c.again {
			t.Errorf("%s: again is %v", c.name, again)
		}
	}
	j.Forget()
	if _, again := j.Add(first, true); again {
		t.Error("a command is a duplicate after the broker lost the session")
	}
}

// However many commands come, the file and the memory stay bounded.
func TestJournal_IsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "uno")
	j := open(t, path)
	for i := range 20 * maxCommands {
		id, _ := j.Add(Command{Name: "led", Packet: uint16(i)}, false)
		j.Result(id, device.Result{Status: device.Rejected})
		j.Delivered(id)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > 3*maxBytes || len(j.commands) > maxCommands || len(j.packets) > len(j.commands) {
		t.Errorf("%d bytes, %d commands, %d packets", info.Size(), len(j.commands), len(j.packets))
	}
}

// A file that is cut off anywhere keeps its complete records.
func TestJournal_ReadsATornFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "uno")
	j := open(t, path)
	j.Add(Command{Name: "a"}, false)
	j.Add(Command{Name: "b"}, false)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(data) + 1 {
		k := &Journal{}
		k.read(data[:n])
		if left := k.Unfinished(); len(left) > 2 || n == len(data) && len(left) != 2 {
			t.Fatalf("the first %d bytes hold %v", n, left)
		}
	}
	other := bytes.Replace(data, []byte(`{"boot":"`), []byte(`{"boot":"x`), 1)
	k := &Journal{}
	if k.read(other); !k.Rebooted() {
		t.Error("a restart of the machine is not noticed")
	}
}

// Any damaged byte costs at most the record that it is in: a command that the broker
// delivers again is known, and one whose records may be missing may have been sent.
func TestJournal_DamagedByteCostsOneRecord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "uno")
	j := open(t, path)
	first := Command{Name: "led", Value: `{"id":7}`, Packet: 7}
	j.Add(first, false)
	j.Add(Command{Name: "pwm", Value: "9", Packet: 8}, false)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head := bytes.IndexByte(whole, '\n')
	for at := range whole {
		for _, wrong := range []byte{0, '\n', '{', whole[at] ^ 0x80} {
			if wrong == whole[at] {
				continue
			}
			damaged := bytes.Clone(whole)
			damaged[at] = wrong
			if err := os.WriteFile(path, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			k := open(t, path)
			left := len(k.Unfinished())
			_, again := k.Add(first, true)
			switch {
			case at <= head && (left != 2 || !again):
				t.Fatalf("byte %d of the head is %q: %d commands, a second delivery is known: %v", at, wrong, left, again)
			case left == 0 || left < 2 && at < len(whole)-1 && !k.Rebooted():
				t.Fatalf("byte %d is %q: %d commands, records may be missing: %v", at, wrong, left, k.Rebooted())
			}
		}
	}
}

// A journal that could not be read is kept beside the new one.
func TestJournal_KeepsWhatItCouldNotRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "uno")
	if err := os.Mkdir(path, 0o700); err != nil { // its read fails, for root as well
		t.Fatal(err)
	}
	j := open(t, path)
	j.Add(Command{Name: "led"}, false)
	if n := len(open(t, path).Unfinished()); n != 1 {
		t.Errorf("%d commands", n)
	}
	if _, err := os.Stat(path + ".unread"); err != nil {
		t.Error(err)
	}
}

// A journal that cannot write its file works in memory and logs one warning.
func TestJournal_WorksWithoutAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file", "uno")
	if err := os.WriteFile(filepath.Dir(path), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	j := Open(path, slog.New(slog.NewTextHandler(&log, nil)))
	id, _ := j.Add(Command{Name: "led"}, false)
	j.Sent(id, "led=on", 1, 1)
	if left := j.Unfinished(); len(left) != 1 || !left[0].Sent {
		t.Errorf("unfinished: %v", left)
	}
	if n := strings.Count(log.String(), "level=WARN"); n != 1 {
		t.Errorf("%d warnings: %s", n, &log)
	}
}

// Remove keeps the file of a device with an unfinished command.
func TestJournal_RemoveKeepsUnfinishedCommands(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "commands")
	if ids, err := Devices(dir); err != nil || len(ids) > 0 {
		t.Errorf("before there is a folder: %q, %v", ids, err)
	}
	over, owed, unread := open(t, filepath.Join(dir, "over")), open(t, filepath.Join(dir, "owed")), filepath.Join(dir, "unread")
	for _, j := range []*Journal{over, owed} {
		id, _ := j.Add(Command{Name: "led"}, false)
		j.Result(id, device.Result{Status: device.Expired})
		if j == over {
			j.Delivered(id)
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
