package found

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"arduino-gateway/internal/config"
)

func parse(t *testing.T, devices string) *config.Config {
	t.Helper()
	c, problems := config.Parse("devices.yaml", []byte("gateway: {id: gw}\nmqtt: {broker: mqtt://pi}\ndevices: "+devices+"\n"),
		func(string) string { return "" })
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return c
}

func ids(c *config.Config) (all []string) {
	for _, d := range c.Devices {
		all = append(all, d.ID)
	}
	return all
}

func nobody(string) bool { return false }

func TestBoardsAreRemembered(t *testing.T) {
	dir, log := t.TempDir(), slog.New(slog.DiscardHandler)
	b := Open(dir, log)
	for _, board := range []Board{{ID: "tank", Port: "/dev/ttyUSB0", Baud: 9600}, {ID: "attic", Port: "usb:2341:0043:75", Baud: 115200}, {ID: "tank", Port: "/dev/ttyUSB1", Baud: 9600}, {ID: "shed", Port: "/dev/ttyUSB2"}} {
		if err := b.Put(board); err != nil {
			t.Fatal(err)
		}
	}
	b.Drop("shed")
	b = Open(dir, log)
	joined, left := b.Join(parse(t, "{auto: true, uno: {port: /dev/ttyACM0}}"), nobody)
	if got := ids(joined); !slices.Equal(got, []string{"uno", "attic", "tank"}) || joined.Devices[2].Port != "/dev/ttyUSB1" || joined.Devices[2].Spoke != 9600 || len(left) > 0 {
		t.Errorf("joined %v, %+v", got, joined.Devices)
	}
}

func TestDevicesYAMLOverrules(t *testing.T) {
	b := Open(t.TempDir(), slog.New(slog.DiscardHandler))
	for _, board := range []Board{{ID: "tank", Port: "/dev/ttyUSB0"}, {ID: "attic", Port: "usb:2341:0043:75"}, {ID: "well", Port: "usb-path:1-1"}, {ID: "shed", Port: "/dev/ttyUSB9"}} {
		if err := b.Put(board); err != nil {
			t.Fatal(err)
		}
	}
	off := parse(t, "{uno: {port: /dev/ttyACM0}}")
	if joined, left := b.Join(off, nobody); joined != off || len(left) > 0 {
		t.Error("boards without auto")
	}
	theirs := func(port string) bool { return port == "usb-path:1-1" } // as /dev/ttyACM0 says it
	c := parse(t, "{auto: true, tank: {port: /dev/ttyUSB7}, uno: {port: /dev/ttyACM0}, other: {port: /dev/ttyUSB9}}")
	joined, left := b.Join(c, theirs)
	if got := ids(joined); !slices.Equal(got, []string{"tank", "uno", "other", "attic"}) {
		t.Errorf("joined %v", got)
	}
	if len(left) != 3 || left["tank"] == nil || left["well"] != errTaken || left["shed"] == nil {
		t.Errorf("left %v", left)
	}
}

// A board that only prints lines is a device while any board is to be one.
func TestPlainBoards(t *testing.T) {
	dir, log := t.TempDir(), slog.New(slog.DiscardHandler)
	b := Open(dir, log)
	for _, board := range []Board{{ID: "tank", Port: "/dev/ttyUSB0", Baud: 9600}, {ID: "ch340", Port: "usb-path:1-1", Baud: 9600, Plain: true}} {
		if err := b.Put(board); err != nil {
			t.Fatal(err)
		}
	}
	b = Open(dir, log)
	joined, left := b.Join(parse(t, "{auto: {any: true}}"), nobody)
	if got := ids(joined); !slices.Equal(got, []string{"tank", "ch340"}) || joined.Devices[0].Describe == nil || joined.Devices[1].Describe != nil || joined.Devices[1].Spoke != 9600 || len(left) > 0 {
		t.Errorf("joined %+v, left %v", joined.Devices, left)
	}
	if joined, left := b.Join(parse(t, "auto"), nobody); !slices.Equal(ids(joined), []string{"tank"}) || len(left) > 0 {
		t.Errorf("joined %v, left %v", ids(joined), left)
	}
	if _, left := b.Join(parse(t, "{auto: {any: true}, uno: {port: 'usb-path:1-1'}}"), nobody); left["ch340"] == nil {
		t.Errorf("left %v", left)
	}
}

func TestAFileThatIsNone(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "boards.json"), []byte(`[{"id":"tank","port":1}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	b := Open(dir, slog.New(slog.NewTextHandler(&log, nil)))
	if len(b.all) != 0 || !strings.Contains(log.String(), "are not known") {
		t.Errorf("%v\n%s", b.all, log.String())
	}
}

func TestBoardsAreBounded(t *testing.T) {
	b := Open(t.TempDir(), slog.New(slog.DiscardHandler))
	for i := range most {
		b.all = append(b.all, Board{ID: strings.Repeat("a", i+1)})
	}
	if err := b.Put(Board{ID: "more"}); err == nil {
		t.Error("more than there can be ports")
	}
	if err := b.Put(Board{ID: "a", Port: "/dev/ttyUSB1"}); err != nil {
		t.Error(err)
	}
}

func TestWhatCannotBeWrittenIsTold(t *testing.T) {
	var log bytes.Buffer
	b := Open(filepath.Join(t.TempDir(), "missing"), slog.New(slog.NewTextHandler(&log, nil)))
	if err := b.Put(Board{ID: "tank", Port: "/dev/ttyUSB0"}); err != nil || !strings.Contains(log.String(), "not noted") {
		t.Errorf("%v\n%s", err, log.String())
	}
}
