package gateway

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/arq"
	"arduino-gateway/internal/journal"
)

func (s *commands) next(now time.Time, paused error) task {
	s.expireOverdue(now, paused)
	s.doubtSilence(now)
	if s.isPlain() {
		if t, ok := s.nextPlain(); ok {
			return t
		}
	}
	return s.nextNumbered(now, paused)
}

// isPlain reports whether the board only prints lines.
func (s *commands) isPlain() bool {
	return !s.expectsHello && !s.machine.Speaks() && !s.machine.Busy()
}

// doubtSilence stops expecting a hello from a board that prints nothing at all, unless
// devices.yaml says that it sends one.
func (s *commands) doubtSilence(now time.Time) {
	if s.doubtAt.IsZero() || now.Before(s.doubtAt) {
		return
	}
	s.doubtAt = time.Time{}
	if s.config.Describe == nil {
		s.expectsHello = false
	}
}

// nextPlain takes a command for a board that only prints lines.
func (s *commands) nextPlain() (t task, ok bool) {
	for len(s.waiting) > 0 {
		c := s.take()
		if err := s.complete(&c); err != nil {
			s.reject(c, err)
			continue
		}
		return task{Step: arq.Step{Write: []byte(c.Line + s.config.LineEnding.Bytes())}, plain: true, command: c,
			confirm: s.accepted[c.Name].Confirm, expires: s.expires(&c), errExpired: s.errExpired()}, true
	}
	return task{}, false
}

// nextNumbered takes a step of the machine.
func (s *commands) nextNumbered(now time.Time, paused error) task {
	for len(s.waiting) > 0 && s.machine.Room() {
		s.put(s.take())
	}
	step := s.machine.Next(now)
	s.settle(now, paused)
	if c := step.First; c != nil {
		s.journal.Sent(c.ID, c.Text, s.machine.Session(), c.Number)
	}
	step.Until = earlier(earlier(step.Until, s.doubtAt), s.surplus.due)
	for i := range s.waiting {
		step.Until = earlier(step.Until, s.expires(&s.waiting[i]))
	}
	return task{Step: step, opening: s.opening}
}

// earlier returns the earlier time; zero is never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// put passes a command to the machine, or rejects it.
func (s *commands) put(c journal.Command) {
	err := s.complete(&c)
	if err == nil {
		err = numbered(c.Line)
	}
	if err != nil {
		s.reject(c, err)
		return
	}
	s.flight[c.ID] = c
	s.machine.Put(arq.Command{ID: c.ID, Text: c.Line, Expires: s.expires(&c)})
}

// check sets the command's line, or returns why the command is rejected. It does neither
// if the board has yet to describe its commands: then their lines are NAME=VALUE.
func (s *commands) check(c *journal.Command) error {
	command, ok := s.accepted[c.Name]
	if !ok && s.expectsHello && s.description == nil {
		if n := len(c.Value); n > device.LongestLine {
			return fmt.Errorf("the value is too long: %d bytes; a board's buffer takes %d", n, device.LongestLine)
		}
		return nil
	}
	if !ok {
		return s.unknown(c.Name)
	}
	line, value, err := command.Encode(c.Value)
	if err != nil {
		return err
	}
	if n := len(line) + len(s.config.LineEnding.Bytes()); n > device.LongestLine {
		return fmt.Errorf("the line has %d bytes with its ending; a board's buffer takes %d", n, device.LongestLine)
	}
	c.Line, c.Canonical, c.Checked = line, value, true
	return nil
}

// complete checks a command that waited for the board's description.
func (s *commands) complete(c *journal.Command) error {
	if c.Checked {
		return nil
	}
	if err := s.check(c); err != nil || c.Checked {
		return err
	}
	return s.unknown(c.Name)
}

func (s *commands) unknown(name string) error {
	if len(s.accepted) == 0 {
		return fmt.Errorf("unknown command %q: this device has none", name)
	}
	known := slices.Sorted(maps.Keys(s.accepted))
	return fmt.Errorf("unknown command %q: this device has %s", name, strings.Join(known, ", "))
}

// numbered returns why a line cannot be sent as a numbered command, or nil.
func numbered(line string) error {
	if err := arq.Check(line); err != nil {
		return fmt.Errorf("a board that confirms commands accepts only NAME=VALUE: %w (hint: remove write)", err)
	}
	return nil
}
