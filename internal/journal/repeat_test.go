package journal

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"arduino-gateway/device"
)

// A DUP is a copy only of a message that came on this connection or on one before it that
// the broker could not use for long enough, and only in a session that it has kept.
func TestJournal_BelievesADuplicateForAWhile(t *testing.T) {
	begin := time.Now()
	at := func(seconds int) time.Time { return begin.Add(time.Duration(seconds) * time.Second) }
	led := Command{Name: "led", Value: "on", Packet: 7}
	type event struct {
		what    string // led, dup, kept, lost, fresh, kill
		seconds int
	}
	for name, c := range map[string]struct {
		events []event
		ran    int
	}{
		"on the next connection":                {[]event{{"led", 1}, {"lost", 2}, {"kept", 500}, {"dup", 501}}, 1},
		"after a minute of it":                  {[]event{{"led", 1}, {"lost", 2}, {"kept", 500}, {"dup", 561}}, 2},
		"after the ack_wait of NATS":            {[]event{{"led", 1}, {"lost", 2}, {"kept", 3}, {"dup", 33}}, 1},
		"on the same connection":                {[]event{{"led", 1}, {"dup", 31}}, 1},
		"on the same connection, an hour later": {[]event{{"led", 1}, {"dup", 3601}}, 2},
		"after it was settled":                  {[]event{{"led", 1}, {"lost", 100}, {"kept", 101}, {"dup", 102}}, 2},
		"settled on the next connection":        {[]event{{"led", 1}, {"lost", 2}, {"kept", 3}, {"lost", 100}, {"kept", 101}, {"dup", 102}}, 2},
		"after connections that were short":     {[]event{{"led", 1}, {"lost", 2}, {"kept", 3}, {"lost", 4}, {"kept", 100}, {"lost", 101}, {"kept", 200}, {"dup", 201}}, 1},
		"twice":                                 {[]event{{"led", 1}, {"lost", 2}, {"kept", 3}, {"dup", 4}, {"lost", 5}, {"kept", 6}, {"dup", 7}}, 1},
		"in another session":                    {[]event{{"led", 1}, {"lost", 2}, {"fresh", 3}, {"dup", 4}}, 2},
		"after a kill":                          {[]event{{"led", 1}, {"kill", 2}, {"kept", 90000}, {"dup", 90001}}, 1},
		"after a kill, too late":                {[]event{{"led", 1}, {"kill", 2}, {"kept", 90000}, {"dup", 90061}}, 2},
		"settled before a kill":                 {[]event{{"led", 1}, {"lost", 100}, {"kept", 101}, {"kill", 102}, {"kept", 103}, {"dup", 104}}, 2},
		"another session before a kill":         {[]event{{"led", 1}, {"lost", 2}, {"fresh", 3}, {"kill", 4}, {"kept", 5}, {"dup", 6}}, 2},
	} {
		path := filepath.Join(t.TempDir(), "uno")
		j := open(t, path)
		j.Connected(at(0), true)
		ran := 0
		for _, e := range c.events {
			switch e.what {
			case "led", "dup":
				command := led
				command.Arrived = at(e.seconds)
				if id, again := j.Add(command, e.what == "dup"); !again {
					ran++
					j.Result(id, device.Result{Status: device.Sent})
					j.Delivered(id)
				}
			case "kept", "fresh":
				j.Connected(at(e.seconds), e.what == "kept")
			case "lost":
				j.Disconnected(at(e.seconds))
			case "kill":
				j.Close()
				j = open(t, path)
			}
		}
		if ran != c.ran {
			t.Errorf("%s: ran %d times, want %d", name, ran, c.ran)
		}
		if len(j.Unfinished()) > 0 || len(j.packets) != len(j.commands) {
			t.Errorf("%s: %d commands, %d packets", name, len(j.commands), len(j.packets))
		}
	}
}

// What no longer counts leaves the file, and what is unfinished stays in it.
func TestJournal_ForgetsOnDisk(t *testing.T) {
	path, begin := filepath.Join(t.TempDir(), "uno"), time.Now()
	j := open(t, path)
	j.Connected(begin, true)
	for i, name := range []string{"over", "waits"} {
		id, _ := j.Add(Command{Name: name, Packet: uint16(i + 1), Arrived: begin}, false)
		if name == "over" {
			j.Delivered(id)
		}
	}
	j.Disconnected(begin.Add(repeatTime))
	data, err := os.ReadFile(path)
	if text := string(data); err != nil || strings.Contains(text, `"over"`) || strings.Contains(text, "packet") || !strings.Contains(text, "waits") {
		t.Errorf("%s, %v", data, err)
	}
	if left := fmt.Sprint(len(open(t, path).Unfinished())); left != "1" {
		t.Errorf("%s unfinished", left)
	}
}
