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

// lookAgain is how often a clock that is not trusted is looked at.
const lookAgain = time.Second

// Stamp is a moment on the clock that always runs.
type Stamp struct {
	Boot   uint64        // which boot of the machine
	Uptime time.Duration // since then
}

// Clock is the machine's clock. Its methods may be called from any goroutine.
type Clock struct {
	file    string
	log     *slog.Logger
	system  system
	boot    uint64
	boots   []boot // that are known, from the file; not changed after Open
	trusted atomic.Bool
}

// system is what a Clock asks the machine; tests have one of their own.
type system struct {
	now      func() time.Time
	uptime   func() time.Duration // of the machine, its sleep included
	boot     func() uint64        // names this boot; 0 where that can't be known: then each process is one
	evidence func() Evidence
}

// Open looks at the clock. dir is the state folder; a file there that is
// missing or damaged is no obstacle.
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

// Trusted tells whether time.Now is the time.
func (c *Clock) Trusted() bool { return c.trusted.Load() }

// Stamp is for a moment that time.Now gave in this process.
func (c *Clock) Stamp(at time.Time) Stamp {
	return Stamp{Boot: c.boot, Uptime: c.system.uptime() - c.system.now().Sub(at)}
}

// Time is when a stamp was made; ok is false while that is not known, or for
// ever.
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

// Age is how long ago a stamp was made; of one whose boot is over, how long at
// least.
func (c *Clock) Age(s Stamp) time.Duration {
	if s.Boot == c.boot {
		return c.system.uptime() - s.Uptime
	}
	return c.system.uptime()
}

// began is when that boot was, if it is known from the file.
func (c *Clock) began(boot uint64) (at time.Time, ok bool) {
	for _, b := range c.boots {
		if b.name == boot {
			return b.began, true
		}
	}
	return time.Time{}, false
}

// Run waits until the clock can be trusted, and writes down when this boot
// was. It ends with ctx, always with nil: without the file only the next boot
// knows less.
func (c *Clock) Run(ctx context.Context) error {
	if !c.Trusted() {
		c.log.Warn("the clock is not set yet: what is read gets its time once it is",
			"clock", c.system.now().UTC().Format(time.DateTime), "hint", "is a time server reached? timedatectl tells")
	}
	ticker := time.NewTicker(lookAgain)
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
	c.note()
	<-ctx.Done()
	return nil
}

// note writes this boot down, once.
func (c *Clock) note() {
	if _, known := c.began(c.boot); known {
		return
	}
	this := boot{c.boot, c.system.now().Add(-c.system.uptime())}
	if err := atomicfile.Replace(c.file, formatBoots(append([]boot{this}, c.boots...))); err != nil {
		c.log.Debug("when this boot was can't be written down", "file", c.file, "error", err)
	}
}
