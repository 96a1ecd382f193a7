package clock

import (
	"cmp"
	"context"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"sync/atomic"
	"time"

	"arduino-gateway/internal/atomicfile"
)

// checkAgain is the time between two checks of a clock that is not trusted.
const checkAgain = time.Second

// Stamp is a moment on the clock that always runs.
type Stamp struct {
	Boot   uint64        // identifies the boot of the machine
	Uptime time.Duration // since that boot
}

// Clock is the machine's clock. Its methods may be called from any goroutine.
type Clock struct {
	file    string
	log     *slog.Logger
	system  system
	boot    uint64
	boots   []boot // from the file; not changed after Open
	trusted atomic.Bool
}

// system is what a Clock uses of the machine; tests have their own.
type system struct {
	now      func() time.Time
	uptime   func() time.Duration // of the machine, its sleep included
	boot     func() uint64        // identifies this boot; 0 if that is not known: then each process counts as one
	evidence func() Evidence
}

// Open checks the clock. dir is the state folder; its file may be missing or damaged.
func Open(dir string, log *slog.Logger) *Clock { return open(dir, log, thisSystem()) }

func open(dir string, log *slog.Logger, s system) *Clock {
	c := &Clock{file: filepath.Join(dir, fileName), log: log, system: s, boot: cmp.Or(s.boot(), rand.Uint64())}
	c.boots = readBoots(c.file)
	_, known := c.began(c.boot)
	if known || s.evidence().Plausible(s.now()) {
		c.trusted.Store(true)
	}
	return c
}

// String names the clock in logs.
func (c *Clock) String() string { return "clock" }

// Trusted reports whether time.Now is the real time.
func (c *Clock) Trusted() bool { return c.trusted.Load() }

// Stamp returns the stamp of a time that time.Now returned in this process.
func (c *Clock) Stamp(at time.Time) Stamp {
	return Stamp{Boot: c.boot, Uptime: c.system.uptime() - c.system.now().Sub(at)}
}

// Time returns when a stamp was made; ok is false while that is not known, which may
// be forever.
func (c *Clock) Time(s Stamp) (at time.Time, ok bool) {
	if s.Boot == c.boot {
		if !c.Trusted() {
			return time.Time{}, false
		}
		return c.system.now().Add(s.Uptime - c.system.uptime()), true
	}
	began, ok := c.began(s.Boot)
	return began.Add(s.Uptime), ok
}

// Age returns how long ago a stamp was made. For an earlier boot it is the shortest
// possible time.
func (c *Clock) Age(s Stamp) time.Duration {
	if s.Boot == c.boot {
		return c.system.uptime() - s.Uptime
	}
	return c.system.uptime()
}

// began returns the time of a boot, if the file has it.
func (c *Clock) began(boot uint64) (at time.Time, ok bool) {
	for _, b := range c.boots {
		if b.name == boot {
			return b.began, true
		}
	}
	return time.Time{}, false
}

// Run waits until the clock can be trusted, and saves the time of this boot. It
// returns nil when ctx ends: without the file only the next boot knows less.
func (c *Clock) Run(ctx context.Context) error {
	if !c.Trusted() {
		c.log.Warn("the clock is not set yet: lines get their time later",
			"clock", c.system.now().UTC().Format(time.DateTime), "hint", "can it reach a time server? see timedatectl")
	}
	ticker := time.NewTicker(checkAgain)
	defer ticker.Stop()
	for !c.Trusted() {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		if c.system.evidence().Plausible(c.system.now()) {
			c.trusted.Store(true)
			c.log.Info("the clock is set", "clock", c.system.now().UTC().Format(time.DateTime))
		}
	}
	c.save()
	<-ctx.Done()
	return nil
}

// save writes the time of this boot to the file, once.
func (c *Clock) save() {
	if _, known := c.began(c.boot); known {
		return
	}
	this := boot{c.boot, c.system.now().Add(-c.system.uptime())}
	if err := atomicfile.Replace(c.file, formatBoots(append([]boot{this}, c.boots...))); err != nil {
		c.log.Debug("cannot save the time of this boot", "file", c.file, "error", err)
	}
}
