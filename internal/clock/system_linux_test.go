package clock

import (
	"log/slog"
	"testing"
	"testing/fstest"
	"time"
)

// The files of several machines give this evidence.
func TestFind_EvidenceOfMachines(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	for _, c := range []struct {
		machine string
		root    fstest.MapFS
		kernel  bool
		want    Evidence
	}{
		{"container", fstest.MapFS{}, false, Evidence{}},
		{"Pi before the network", fstest.MapFS{"run/systemd/timesync": {Mode: 1 << 31}}, false, Evidence{Service: true}},
		{"Pi", fstest.MapFS{"run/systemd/timesync/synchronized": file("")}, false, Evidence{Service: true, Synchronised: true}},
		{"chrony", fstest.MapFS{"run/chrony/chronyd.pid": file("1")}, true, Evidence{Service: true, Synchronised: true}},
		{"PC", fstest.MapFS{
			"run/systemd/timesync":           {Mode: 1 << 31},
			"sys/class/rtc/rtc0/hctosys":     file("1\n"),
			"sys/class/rtc/rtc0/since_epoch": file("1795498572\n"),
		}, false, Evidence{Service: true, Battery: true}},
		{"Pi 5 without a battery", fstest.MapFS{
			"run/systemd/timesync":           {Mode: 1 << 31},
			"sys/class/rtc/rtc0/hctosys":     file("1\n"),
			"sys/class/rtc/rtc0/since_epoch": file("12\n"),
		}, false, Evidence{Service: true}},
	} {
		if got := find(c.root, c.kernel); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.machine, got, c.want)
		}
	}
}

// A stamp on this machine has its time, and the boot one ID.
func TestOpen_OnThisMachine(t *testing.T) {
	c := Open(t.TempDir(), slog.New(slog.DiscardHandler))
	at := time.Now()
	stamp := c.Stamp(at)
	c.trusted.Store(true)
	if got, ok := c.Time(stamp); !ok || got.Sub(at).Abs() > time.Second {
		t.Errorf("%v became %v, %v", at, got, ok)
	}
	if stamp.Boot != Open(t.TempDir(), slog.New(slog.DiscardHandler)).boot {
		t.Error("one boot has two names")
	}
}
