package gateway

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/arq"
	"arduino-gateway/internal/journal"
	"arduino-gateway/internal/protocol"
	"arduino-gateway/internal/wake"
)

// maxSilent is how long a board that spoke the protocol when it was last heard may
// print nothing before it counts as one with another sketch. With the library a board
// prints at least every ten seconds.
const maxSilent = 15 * time.Second

// commands is what a commandQueue protects. It is not for concurrent use.
type commands struct {
	config  device.Device
	journal *journal.Journal
	changed wake.Signal // set if commands come back

	waiting []journal.Command // at most maxWaiting, and those that came back
	flight  map[uint64]journal.Command
	machine *arq.Machine
	ended   []ended // since the last unlock
	budget  budget
	surplus surplus

	accepted     map[string]device.Command // of devices.yaml, and those the board described
	description  *device.Description       // nil: the board has not described itself
	expectsHello bool                      // the board speaks the protocol, and will describe itself
	doubtAt      time.Time                 // when expectsHello ends if no line comes; zero is never
	opening      context.Context           // ends when the port is closed
	closeOpening context.CancelFunc
}

// ended is a command with its result.
type ended struct {
	command journal.Command
	result  device.Result
}

// task is what the writer does next: a step of the machine, or a command to a board that
// only prints lines.
type task struct {
	arq.Step
	opening context.Context // for which Write is meant

	plain      bool // the rest is set, and Write is the command's line
	command    journal.Command
	confirm    *regexp.Regexp // nil: the board does not confirm it
	expires    time.Time
	errExpired error
}

// reaction is what a line of the protocol changes.
type reaction struct {
	speaks    bool                // the board speaks the protocol
	problem   error               // what is not understood of its description
	described *device.Description // if it is new
}

func newCommands(d device.Device, j *journal.Journal, changed wake.Signal) commands {
	c := commands{config: d, journal: j, changed: changed, flight: map[uint64]journal.Command{}, accepted: d.Commands,
		machine: arq.New(func() uint16 { return uint16(rand.Uint32()) }), closeOpening: func() {}}
	c.close()
	return c
}

func (s *commands) open(at time.Time) {
	s.opening, s.closeOpening = context.WithCancel(context.Background())
	s.machine.Opened()
	s.doubtAt = at.Add(maxSilent)
}

func (s *commands) close() {
	s.closeOpening()
	s.opening, s.closeOpening = context.WithCancel(context.Background())
	s.closeOpening()
	s.machine.Closed()
	s.doubtAt = time.Time{}
}

func (s *commands) add(c journal.Command) error {
	if err := s.check(&c); err != nil {
		return err
	}
	if len(s.waiting) >= maxWaiting {
		return s.busy(c.Arrived, errWaiting)
	}
	s.waiting = append(s.waiting, c)
	return nil
}

// admit counts a command against the budget of the device, whatever it is.
func (s *commands) admit(at time.Time) error {
	if !s.budget.take(at) {
		return s.busy(at, errTooOften)
	}
	return nil
}

func (s *commands) busy(at time.Time, why error) error {
	if s.surplus.add(at, why) {
		s.changed.Set() // the writer has a line to log
	}
	return why
}

func (s *commands) take() journal.Command {
	c := s.waiting[0]
	s.waiting = s.waiting[1:]
	return c
}

// resume takes over the commands of the last session: the machine asks the board about
// them.
func (s *commands) resume(unfinished []journal.Command, now time.Time) (rest []journal.Command) {
	describe := s.config.Describe
	s.expectsHello = describe != nil && *describe || describe == nil && s.journal.Speaks()
	session := lastSession(unfinished)
	var sent []arq.Command
	for _, c := range unfinished {
		if c.Result != nil || c.Number == 0 || c.Session != session || arq.Check(c.Line) != nil {
			rest = append(rest, c)
			continue
		}
		c.Canonical, c.Checked = c.Value, true
		s.flight[c.ID] = c
		sent = append(sent, arq.Command{ID: c.ID, Number: c.Number, Text: c.Line, Expires: now.Add(s.lifetime())})
	}
	if len(sent) > 0 {
		s.machine.Resume(session, sent)
	}
	return rest
}

// lastSession returns the session in which the board can be asked, or 0.
func lastSession(unfinished []journal.Command) (session uint16) {
	for _, c := range unfinished {
		if c.Number > 0 && c.Result == nil {
			session = c.Session
		}
	}
	return session
}

func (s *commands) heard(at time.Time, l protocol.Line) (r reaction) {
	r.problem = s.machine.Heard(at, l)
	r.speaks = s.machine.Speaks()
	if r.speaks {
		s.doubtAt = time.Time{}
	}
	s.settle(at, nil)
	if d, complete := s.machine.Description(); complete && s.describe(d) {
		r.described = s.description
	}
	return r
}

// describe merges the board's description with devices.yaml, and reports whether it is
// new.
func (s *commands) describe(d device.Description) bool {
	describe := s.config.Describe
	if describe != nil && !*describe || s.description != nil && reflect.DeepEqual(d, *s.description) {
		return false
	}
	s.description = new(d)
	s.accepted = maps.Clone(d.Commands)
	maps.Copy(s.accepted, s.config.Commands)
	return true
}

// settle ends the commands that the machine has finished with. Those that come back wait
// again, before all others, unless it is too late for them.
func (s *commands) settle(now time.Time, paused error) {
	back := 0
	for _, o := range s.machine.Outcomes() {
		c := s.flight[o.ID]
		delete(s.flight, o.ID)
		if o.Fate != arq.Back {
			s.end(c, answered(c, o))
			continue
		}
		s.journal.Back(c.ID)
		s.waiting = slices.Insert(s.waiting, back, c)
		back++
	}
	if back > 0 {
		s.expireOverdue(now, paused)
		s.changed.Set()
	}
}

func (s *commands) giveUp(now time.Time, why error) {
	s.machine.GiveUp(why.Error())
	s.settle(now, nil)
	s.expireAll(why) // those that came back
}

func (s *commands) end(c journal.Command, r device.Result) {
	s.ended = append(s.ended, ended{c, r})
}

func (s *commands) reject(c journal.Command, why error) {
	s.end(c, device.Result{Status: device.Rejected, Value: echo([]byte(c.Value)), Error: why.Error()})
}

func (s *commands) expire(c journal.Command, why error) {
	value := c.Canonical
	if !c.Checked {
		value = echo([]byte(c.Value))
	}
	s.end(c, device.Result{Status: device.Expired, Value: value, Error: why.Error()})
}

func (s *commands) expireAll(why error) {
	for len(s.waiting) > 0 {
		s.expire(s.take(), why)
	}
}

// expireOverdue ends the commands whose time is over, and all if the device is paused.
func (s *commands) expireOverdue(now time.Time, paused error) {
	if paused != nil {
		s.expireAll(paused)
	}
	kept := s.waiting[:0]
	for _, c := range s.waiting {
		if now.Before(s.expires(&c)) {
			kept = append(kept, c)
		} else {
			s.expire(c, fmt.Errorf("the board is away, or busy with earlier commands: %w", s.errExpired()))
		}
	}
	s.waiting = kept
}

func (s *commands) expires(c *journal.Command) time.Time { return c.Arrived.Add(s.lifetime()) }

func (s *commands) lifetime() time.Duration {
	if s.config.Expires > 0 {
		return s.config.Expires
	}
	return device.DefaultExpires
}

func (s *commands) errExpired() error { return fmt.Errorf("gave up after %v", s.lifetime()) }
