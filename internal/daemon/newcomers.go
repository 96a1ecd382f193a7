package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"arduino-gateway/device"
	"arduino-gateway/internal/autodetect"
	"arduino-gateway/internal/config"
	"arduino-gateway/internal/gateway"
	"arduino-gateway/internal/ports"
	"arduino-gateway/internal/reload"
	"arduino-gateway/internal/wake"
	"arduino-gateway/serialbridge"
)

// newcomers are the boards that become devices without an entry, with devices: auto.
// All but the strangers belongs to the fleet's goroutine.
type newcomers struct {
	boards   *autodetect.Registry
	detector *autodetect.Detector
	seconds  map[string]string // by ID, where another board that says it was refused
	forgets  chan forgetting

	estranged wake.Signal // there are strangers
	guard     sync.Mutex
	strangers map[string]stranger // by the device at whose port they are
}

// stranger is another board at the port of a device that was found.
type stranger struct{ port, does string }

// forgetting is a request to forget a device.
type forgetting struct {
	device string
	answer chan<- error // capacity 1
}

func newNewcomers(c common, dir string) *newcomers {
	return &newcomers{
		boards: autodetect.OpenRegistry(dir, c.log),
		detector: autodetect.New(autodetect.Options{Tracker: c.ports, Log: c.log, PortOptions: func(port ports.Port, lease *ports.Lease) serialbridge.Options {
			d := device.Device{ID: port.Path, Port: port.Value, Baud: device.BaudAuto}
			if port.Chip.Kind == ports.Bridge {
				d.ResetOnOpen = new(false) // the device that it becomes opens the port again
			}
			return portOptions(d, 0, lease, new(atomic.Pointer[ports.Port]))
		}}),
		seconds: map[string]string{}, forgets: make(chan forgetting), estranged: wake.NewSignal(), strangers: map[string]stranger{},
	}
}

// join returns the state with the boards as devices, if it wants detected boards.
// overruled are those that cannot be devices, with the reasons: devices.yaml has a
// device with that ID, or, as taken reports, at that port.
func join(s reload.State, boards []autodetect.Board, taken func(port string) bool) (joined reload.State, overruled map[string]error) {
	overruled = map[string]error{}
	if !s.Config.Auto.On {
		return s, overruled
	}
	for _, b := range boards {
		adopt := s.Config.Adopt
		switch {
		case b.Plain && !s.Config.Auto.Any:
			continue
		case b.Plain:
			adopt = s.Config.AdoptPlain
		}
		d, err := adopt(b.ID, b.Port)
		if err == nil && taken(b.Port) {
			err = errTaken
		}
		if err != nil {
			overruled[b.ID] = err
			continue
		}
		s = s.WithDetected(d, factsOf(b))
	}
	return s, overruled
}

var errTaken = errors.New("a device in devices.yaml has its port")

// factsOf returns what a board's device needs to know beyond its configuration.
func factsOf(b autodetect.Board) device.Detected {
	return device.Detected{LastBaud: b.Baud, Hello: !b.Plain}
}

func (c common) join(s reload.State) (joined reload.State, overruled map[string]error) {
	return join(s, c.boards.Boards(), func(port string) bool { return c.ports.Overlaps(port, portsOf(s.Config)) })
}

// overrule forgets boards that a configuration has overruled.
func (c common) overrule(left map[string]error) {
	for id, why := range left {
		c.log.Info("what was found is no device of its own any more", "device", id, "why", why)
		c.boards.Remove(id)
	}
}

// rejoin forgets boards whose ports, it turns out now that they are there, are those
// of devices in devices.yaml.
func (f *fleet) rejoin(ctx context.Context) {
	joined, left := f.join(f.state.WithoutDetected())
	if len(left) > 0 {
		f.overrule(left)
		f.become(ctx, joined)
	}
}

// WithDetected returns the configuration with the devices of the boards that were
// detected before, for commands that only look.
func WithDetected(c *config.Config, machine ports.Machine) *config.Config {
	log := slog.New(slog.DiscardHandler)
	tracker := ports.NewTracker(machine, log)
	joined, _ := join(reload.State{Config: c}, autodetect.OpenRegistry(c.Spool.Dir, log).Boards(),
		func(port string) bool { return tracker.Overlaps(port, portsOf(c)) })
	return joined.Config
}

func portsOf(c *config.Config) (values []string) {
	for _, d := range c.Devices {
		values = append(values, d.Port)
	}
	return values
}

// scopeOf returns where to detect boards besides the devices of a configuration.
func scopeOf(c *config.Config) autodetect.Scope {
	return autodetect.Scope{On: c.Auto.On, Any: c.Auto.Any, Patterns: c.Auto.Ports, Claimed: portsOf(c)}
}

// adopt makes a device of a board that was found, or moves the device that it was
// before to where it is now.
func (f *fleet) adopt(ctx context.Context, b autodetect.Detection) {
	if b.Plain {
		b.ID = device.FreeID(device.IDOfBoard(b.Name), f.state.Config.Taken)
	}
	d, err := f.admit(b)
	if err == nil {
		err = f.boards.Put(b.Board)
	}
	switch {
	case err != nil && b.Plain:
		f.log.Warn(fmt.Sprintf("the board at %s cannot be a device", b.Port), "error", err, "hint", "give it an entry in devices.yaml")
		return
	case err != nil:
		f.log.Warn(fmt.Sprintf("the board at %s says that it is %q, and cannot be a device", b.Port, b.ID), "error", err,
			"hint", "give it another ID in its sketch, or an entry in devices.yaml; then plug it in again")
		return
	}
	delete(f.seconds, d.ID)
	f.become(ctx, f.state.WithDetected(d, factsOf(b.Board)), b)
}

// admit decides whether a board can be a device.
func (f *fleet) admit(b autodetect.Detection) (device.Device, error) {
	c := f.state.Config
	if b.Plain {
		return c.AdoptPlain(b.ID, b.Port)
	}
	if m := f.member(b.ID); m.Device != nil && f.state.Detected[b.ID].Hello {
		if f.stays(m) {
			f.seconds[b.ID] = b.Port
			return device.Device{}, fmt.Errorf("another board with this ID is at %s", m.Port)
		}
		c = c.WithoutDevice(b.ID)
	}
	return c.Adopt(b.ID, b.Port)
}

// stays tells whether the board of a device is where it was found: its port is open,
// or paused, and there.
func (f *fleet) stays(m member) bool {
	s := m.State()
	return s.Open || !s.PausedUntil.IsZero() && f.ports.Overlaps(m.Port, []string{m.Port})
}

// become runs other devices from now on; said are those that were just found.
func (f *fleet) become(ctx context.Context, next reload.State, said ...autodetect.Detection) {
	f.carryOut(ctx, reload.Decide(f.state, next), f.session, said...)
}

// replay has a device hear what its board said while it was nobody's.
func replay(to *gateway.Device, b autodetect.Detection) {
	to.Opened(b.Opened)
	to.Missed(b.Dropped)
	last := b.Opened
	for _, line := range b.Lines {
		last = line.At
		to.Line(last, line.Text)
	}
	to.EndOfRead(last)
	to.Closed(last, nil)
}

// meet has the fleet hear that another board is at a found device's port.
func (n *newcomers) meet(id string, s stranger) {
	n.guard.Lock()
	n.strangers[id] = s
	n.guard.Unlock()
	n.estranged.Set()
}

func (n *newcomers) takeStrangers() map[string]stranger {
	n.guard.Lock()
	defer n.guard.Unlock()
	taken := n.strangers
	n.strangers = map[string]stranger{}
	return taken
}

// renounce removes the devices whose ports have other boards; those may say who they
// are then.
func (f *fleet) renounce(ctx context.Context) {
	var gone []string
	for id, s := range f.takeStrangers() {
		if m := f.member(id); m.Device != nil && f.state.Detected[id].Hello && m.Port == s.port { // it has not moved on meanwhile
			f.log.Warn("another board is where this one was found, which is no device until it is found again", "device", id, "port", m.Port, "other", s.does)
			gone = append(gone, id)
		}
	}
	f.dismiss(ctx, gone...)
}

// dismiss removes devices that were found. A board that was refused for the sake of
// one of them may come forward.
func (f *fleet) dismiss(ctx context.Context, ids ...string) {
	if len(ids) == 0 {
		return
	}
	f.boards.Remove(ids...)
	f.become(ctx, f.state.WithoutDevices(ids...))
	for _, id := range ids {
		if port, ok := f.seconds[id]; ok {
			delete(f.seconds, id)
			f.detector.Retry(port)
		}
	}
}

// Forget removes a device that was found, and that is away.
func (f *fleet) Forget(ctx context.Context, id string) error {
	answer := make(chan error, 1)
	select {
	case f.forgets <- forgetting{id, answer}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (f *fleet) forget(ctx context.Context, id string) error {
	m := f.member(id)
	_, detected := f.state.Detected[id]
	switch {
	case m.Device == nil:
		return fmt.Errorf("no device %q", id)
	case !detected:
		return errors.New("it is in devices.yaml (hint: take it out there)")
	case !m.State().PausedUntil.IsZero():
		return fmt.Errorf("it is paused, and its board would be found again (hint: gateway resume %s, and unplug it)", id)
	case m.State().Open:
		return fmt.Errorf("its board is plugged in at %s, and would be found again (hint: unplug it first)", m.Port)
	}
	f.dismiss(ctx, id)
	return nil
}
