package clock

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// machine is a machine whose clock a test can set.
type machine struct {
	mu     sync.Mutex
	name   uint64
	booted time.Time     // true time
	wrong  time.Duration // what the clock shows beyond the true time
	found  Evidence
}

func (m *machine) system() system {
	return system{
		now: func() time.Time {
			m.mu.Lock()
			defer m.mu.Unlock()
			return time.Now().Add(m.wrong)
		},
		uptime: func() time.Duration { return time.Since(m.booted) },
		boot:   func() uint64 { return m.name },
		evidence: func() Evidence {
			m.mu.Lock()
			defer m.mu.Unlock()
			return m.found
		},
	}
}

// set sets the clock as a time server does.
func (m *machine) set(wrong time.Duration, found Evidence) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wrong, m.found = wrong, found
}

func (m *machine) reboot() {
	m.name++
	m.booted = time.Now()
}

// run starts the clock and returns a function that stops it.
func run(c *Clock) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- c.Run(ctx) }()
	synctest.Wait()
	return func() {
		cancel()
		<-done
	}
}

// A stamp from before the clock was set has a time once it is set, also after a
// reboot.
func TestClock_StampsGetTheirTimeLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		dir := t.TempDir()
		time.Sleep(26 * 365 * 24 * time.Hour) // from 2000, where the bubble begins
		m := &machine{name: 1, booted: time.Now(), wrong: -400 * 24 * time.Hour, found: Evidence{Service: true}}
		time.Sleep(20 * time.Second)
		c := open(dir, slog.New(slog.NewTextHandler(&log, nil)), m.system())
		stop := run(c)
		read := time.Now()
		stamp := c.Stamp(m.system().now())
		time.Sleep(time.Hour)
		if at, ok := c.Time(stamp); ok {
			t.Errorf("the clock is not set, and the stamp has the time %v", at)
		}
		if age := c.Age(stamp); age != time.Hour {
			t.Errorf("age %v", age)
		}
		m.set(0, Evidence{Service: true, Synchronised: true})
		time.Sleep(checkAgain)
		synctest.Wait()
		if at, ok := c.Time(stamp); !ok || !at.Equal(read) {
			t.Errorf("time %v, %v; want %v", at, ok, read)
		}
		stop()
		if n := strings.Count(log.String(), "\n"); n != 2 {
			t.Errorf("the log has %d lines:\n%s", n, &log)
		}

		// A restart within the boot trusts the clock at once, though the service failed since.
		m.set(0, Evidence{Service: true})
		if !open(dir, slog.Default(), m.system()).Trusted() {
			t.Error("a trusted clock is distrusted again")
		}

		// The next boot knows when the last one was.
		m.reboot()
		m.wrong = -time.Hour
		time.Sleep(time.Minute)
		c = open(dir, slog.New(slog.DiscardHandler), m.system())
		if at, ok := c.Time(stamp); !ok || !at.Equal(read) || c.Trusted() {
			t.Errorf("after a reboot: time %v, %v; want %v", at, ok, read)
		}
		if age := c.Age(stamp); age != time.Minute {
			t.Errorf("after a reboot: age at least %v", age)
		}
	})
}

// A boot in which the clock was never set has no time later.
func TestClock_BootWithoutTimeStaysUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		m := &machine{name: 1, booted: time.Now()} // the bubble's year is before the floor
		c := open(dir, slog.New(slog.DiscardHandler), m.system())
		stop := run(c)
		stamp := c.Stamp(time.Now())
		stop()
		m.reboot()
		m.wrong = 30 * 365 * 24 * time.Hour
		c = open(dir, slog.New(slog.DiscardHandler), m.system())
		if !c.Trusted() {
			t.Fatal("a clock without evidence against it is distrusted")
		}
		if at, ok := c.Time(stamp); ok {
			t.Errorf("the time is unknown, and it returns %v", at)
		}
	})
}

// A time service that starts after the gateway ends the trust in a clock with no evidence
// for it, in the first minute. The time of the boot is not saved before.
func TestClock_TimeServiceThatStartsLater(t *testing.T) {
	for _, c := range []struct {
		what    string
		first   Evidence
		after   time.Duration
		trusted bool
	}{
		{"within the minute", Evidence{}, 40 * time.Second, false},
		{"later", Evidence{}, 2 * doubtFor, true},
		{"with a battery", Evidence{Battery: true}, 40 * time.Second, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			var log bytes.Buffer
			dir := t.TempDir()
			time.Sleep(26 * 365 * 24 * time.Hour) // from 2000, where the bubble begins
			m := &machine{name: 1, booted: time.Now(), wrong: -100 * 24 * time.Hour, found: c.first}
			clock := open(dir, slog.New(slog.NewTextHandler(&log, nil)), m.system())
			stop := run(clock)
			defer stop()
			if !clock.Trusted() {
				t.Errorf("%s: distrusted without evidence", c.what)
			}
			time.Sleep(c.after)
			m.set(m.wrong, Evidence{Service: true, Battery: c.first.Battery})
			time.Sleep(2 * checkAgain)
			synctest.Wait()
			if clock.Trusted() != c.trusted {
				t.Errorf("%s: trusted is %v:\n%s", c.what, clock.Trusted(), &log)
			}
			if c.trusted {
				return
			}
			if _, err := os.Stat(filepath.Join(dir, fileName)); err == nil {
				t.Errorf("%s: a time that is not believed was saved", c.what)
			}
			m.set(0, Evidence{Service: true, Synchronised: true})
			time.Sleep(checkAgain)
			synctest.Wait()
			if !clock.Trusted() {
				t.Errorf("%s: distrusted when the clock is set", c.what)
			}
			again := open(dir, slog.New(slog.DiscardHandler), m.system())
			if began, ok := again.began(1); !ok || !began.Equal(m.booted) {
				t.Errorf("%s: saved %v, %v; want %v", c.what, began, ok, m.booted)
			}
		})
	}
}

// A damaged file is set aside. The boots that can still be read stay known.
func TestClock_DamagedFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, fileName)
	text := string(formatBoots([]boot{{1, floor}})) + "\x00\x00\x00\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		c := open(dir, slog.New(slog.DiscardHandler), (&machine{name: 1}).system())
		if began, ok := c.began(1); !ok || !began.Equal(floor) {
			t.Errorf("%v, %v", began, ok)
		}
		c.save()
	}
	if kept, err := os.ReadFile(file + ".unread"); err != nil || string(kept) != text {
		t.Errorf("%q, %v", kept, err)
	}
}

// Without the file only the next boot knows less.
func TestClock_IgnoresAFolderThatCannotBeWritten(t *testing.T) {
	c := open(filepath.Join(t.TempDir(), "missing"), slog.New(slog.DiscardHandler), (&machine{name: 1}).system())
	c.trusted.Store(true)
	c.save() // must not panic; the next boot knows less
}

// The evidence decides whether a clock is trusted.
func TestEvidence_Plausible(t *testing.T) {
	now := floor.Add(time.Hour)
	for _, c := range []struct {
		what string
		e    Evidence
		now  time.Time
		want bool
	}{
		{"nothing against it", Evidence{}, now, true},
		{"1970", Evidence{Synchronised: true, Battery: true}, time.Unix(100, 0), false},
		{"a service that waits", Evidence{Service: true}, now, false},
		{"a service that succeeded", Evidence{Service: true, Synchronised: true}, now, true},
		{"a service that waits, and a battery", Evidence{Service: true, Battery: true}, now, true},
	} {
		if got := c.e.Plausible(c.now); got != c.want {
			t.Errorf("%s: %v", c.what, got)
		}
	}
}

// Any text is read, and what was read is written and read again.
func FuzzBoots(f *testing.F) {
	f.Add("0f3a51d2c9e84b76 2026-11-24T05:36:12.5Z\n")
	f.Add("zz 2026\n\n1 1 1\n")
	f.Fuzz(func(t *testing.T, text string) {
		boots, _ := parseBoots(text)
		again, err := parseBoots(string(formatBoots(boots)))
		if len(again) != len(boots) || err != nil {
			t.Fatalf("%v became %v, %v", boots, again, err)
		}
		for i := range boots {
			if boots[i].name != again[i].name || !boots[i].began.Equal(again[i].began) {
				t.Fatalf("%v became %v", boots[i], again[i])
			}
		}
	})
}

// The file keeps only the newest boots.
func TestBoots_AreBounded(t *testing.T) {
	file := filepath.Join(t.TempDir(), fileName)
	for name := range uint64(2 * maxBoots) {
		c := open(filepath.Dir(file), slog.Default(), (&machine{name: name + 1}).system())
		c.save()
	}
	boots := open(filepath.Dir(file), slog.Default(), (&machine{name: 1}).system()).boots
	if len(boots) != maxBoots || boots[0].name != 2*maxBoots {
		t.Errorf("%d boots, the first %+v", len(boots), boots[0])
	}
	if entries, _ := os.ReadDir(filepath.Dir(file)); len(entries) != 1 {
		t.Errorf("other files: %v", entries)
	}
}
