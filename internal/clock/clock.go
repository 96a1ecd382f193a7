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

const (
	// checkAgain is the time between two checks of a clock that is not trusted.
	checkAgain = time.Second
	// doubtFor is how long a clock with no evidence for it is checked: a time service may
	// start after the gateway.
	doubtFor = time.Minute
	// saveAgain is the time between two tries to write the file.
	saveAgain = 10 * time.Second
)

// Stamp is a moment on the clock that always runs.
type Stamp struct {
	Boot   uint64        // identifies the boot of the machine
	Uptime time.Duration // since that boot
}

// Clock is the machine's clock. Its methods may be called from any goroutine.
type Clock struct {
	file    *atomicfile.State
	log     *slog.Logger
	system  system
	boot    uint64
	boots   []boot // from the file; not changed after Open
	damaged bool   // parts of the file are not in boots
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
	c := &Clock{log: log, system: s, boot: cmp.Or(s.boot(), rand.Uint64())}
	c.file = &atomicfile.State{Name: filepath.Join(dir, fileName), Log: log,
		Unread:  "times of earlier boots are unknown",
		Unsaved: "after a reboot the time of this boot is unknown"}
	c.file.Load(func(text []byte) (err error) {
		c.boots, err = parseBoots(string(text))
		c.damaged = err != nil
		return err
	})
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
		c.warn("the clock is not set yet: lines get their time later")
	}
	if !c.awaitTrust(ctx) {
		return nil
	}
	c.save()
	ticker := time.NewTicker(saveAgain)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			c.file.Retry()
		}
	}
}

// awaitTrust checks the clock until it is trusted for good. It returns false if ctx ends
// before that.
func (c *Clock) awaitTrust(ctx context.Context) bool {
	begun := time.Now()
	ticker := time.NewTicker(checkAgain)
	defer ticker.Stop()
	for !c.settled(time.Since(begun)) {
		select {
		case <-ctx.Done():
			return false
		case <-ticker.C:
		}
		switch plausible := c.system.evidence().Plausible(c.system.now()); {
		case plausible && !c.Trusted():
			c.trusted.Store(true)
			c.log.Info("the clock is set", "clock", c.show())
		case !plausible && c.Trusted():
			c.trusted.Store(false)
			c.warn("a time service has started, and the clock is not set yet: lines get their time later")
		}
	}
	return true
}

// settled reports whether a clock is trusted for good, so long after the start: on
// evidence, or because no time service has started.
func (c *Clock) settled(after time.Duration) bool {
	if !c.Trusted() {
		return false
	}
	_, known := c.began(c.boot)
	return known || after >= doubtFor || c.system.evidence().certain()
}

func (c *Clock) warn(what string) {
	c.log.Warn(what, "clock", c.show(), "hint", "can it reach a time server? see timedatectl")
}

func (c *Clock) show() string { return c.system.now().UTC().Format(time.DateTime) }

// save writes the time of this boot to the file, once.
func (c *Clock) save() {
	_, known := c.began(c.boot)
	if known && !c.damaged {
		return
	}
	boots := c.boots
	if !known {
		boots = append([]boot{{c.boot, c.system.now().Add(-c.system.uptime())}}, boots...)
	}
	c.file.Save(formatBoots(boots))
}
