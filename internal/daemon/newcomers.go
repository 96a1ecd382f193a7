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
	"arduino-gateway/internal/found"
	"arduino-gateway/internal/gateway"
	"arduino-gateway/internal/ports"
	"arduino-gateway/internal/reload"
	"arduino-gateway/internal/wake"
	"arduino-gateway/serialbridge"
)

// newcomers are the boards that become devices without an entry, with devices: auto.
// All but the strangers belongs to the fleet's goroutine.
type newcomers struct {
	boards  *found.Boards
	scout   *autodetect.Scout
	seconds map[string]string // by ID, where another board that says it was refused
	forgets chan forgetting

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
		boards: found.Open(dir, c.log),
		scout: autodetect.New(autodetect.Options{Watcher: c.ports, Log: c.log, Config: func(port ports.Port, lease *ports.Lease) serialbridge.Options {
			d := device.Device{ID: port.Path, Port: port.Value, Baud: device.BaudAuto}
			if port.Chip.Kind == ports.Bridge {
				d.ResetOnOpen = new(false) // the device that it becomes opens the port again
			}
			return portConfig(d, lease, new(atomic.Pointer[ports.Port]))
		}}),
		seconds: map[string]string{}, forgets: make(chan forgetting), estranged: wake.NewSignal(), strangers: map[string]stranger{},
	}
}

// joinFound adds to a configuration the boards that were found before, but for those
// that it overrules, and gives the reasons.
func joinFound(c *config.Config, boards *found.Boards, watcher *ports.Tracker) (joined *config.Config, left map[string]error) {
	return boards.Join(c, func(port string) bool { return watcher.Overlaps(port, portsOf(c)) })
}

func (c common) join(settings *config.Config) (joined *config.Config, left map[string]error) {
	return joinFound(settings, c.boards, c.ports)
}

// overrule forgets boards that a configuration has overruled.
func (c common) overrule(left map[string]error) {
	for id, why := range left {
		c.log.Info("what was found is no device of its own any more", "device", id, "why", why)
		c.boards.Drop(id)
	}
}

// rejoin forgets boards whose ports, it turns out now that they are there, are those
// of devices in devices.yaml.
func (f *fleet) rejoin(ctx context.Context) {
	joined, left := f.join(f.state.Config.WithoutAdopted())
	if len(left) > 0 {
		f.overrule(left)
		f.become(ctx, joined)
	}
}

// WithDetected returns the configuration with the devices of the boards that were
// detected before, for commands that only look.
func WithDetected(c *config.Config, machine ports.Machine) *config.Config {
	log := slog.New(slog.DiscardHandler)
	joined, _ := joinFound(c, found.Open(c.Spool.Dir, log), ports.NewTracker(machine, log))
	return joined
}

func portsOf(c *config.Config) (values []string) {
	for _, d := range c.Devices {
		values = append(values, d.Port)
	}
	return values
}

// scouting is where to look for boards beside the devices of a configuration.
func scouting(c *config.Config) autodetect.Where {
	return autodetect.Where{On: c.Auto.On, Any: c.Auto.Any, Patterns: c.Auto.Ports, Claimed: portsOf(c)}
}

// adopt makes a device of a board that was found, or moves the device that it was
// before to where it is now.
func (f *fleet) adopt(ctx context.Context, b autodetect.Found) {
	if b.Plain {
		b.ID = device.FreeID(device.IDOfBoard(b.Port.Name()), f.state.Config.Taken)
	}
	d, err := f.admit(b)
	if err == nil {
		err = f.boards.Put(found.Board{ID: d.ID, Port: d.Port, Baud: d.Spoke, Plain: b.Plain})
	}
	switch {
	case err != nil && b.Plain:
		f.log.Warn(fmt.Sprintf("the board at %s cannot be a device", b.Port.Value), "error", err, "hint", "give it an entry in devices.yaml")
		return
	case err != nil:
		f.log.Warn(fmt.Sprintf("the board at %s says that it is %q, and cannot be a device", b.Port.Value, b.ID), "error", err,
			"hint", "give it another ID in its sketch, or an entry in devices.yaml; then plug it in again")
		return
	}
	delete(f.seconds, d.ID)
	f.become(ctx, f.state.Config.WithDevice(d), b)
}

// admit decides whether a board can be a device.
func (f *fleet) admit(b autodetect.Found) (device.Device, error) {
	c := f.state.Config
	if b.Plain {
		return c.AdoptPlain(b.ID, b.Port.Value, b.Baud)
	}
	if m := f.member(b.ID); m.Device != nil && knownByHello(m.Device.Device) {
		if f.stays(m) {
			f.seconds[b.ID] = b.Port.Value
			return device.Device{}, fmt.Errorf("another board with this ID is at %s", m.Port)
		}
		c = c.WithoutDevice(b.ID)
	}
	return c.Adopt(b.ID, b.Port.Value, b.Baud)
}

// stays tells whether the board of a device is where it was found: its port is open,
// or paused, and there.
func (f *fleet) stays(m member) bool {
	s := m.State()
	return s.Open || !s.PausedUntil.IsZero() && f.ports.Overlaps(m.Port, []string{m.Port})
}

// become runs other devices from now on; said are those that were just found.
func (f *fleet) become(ctx context.Context, c *config.Config, said ...autodetect.Found) {
	next := f.state
	next.Config = c
	f.carryOut(ctx, reload.Decide(f.state, next), f.session, said...)
}

// replay has a device hear what its board said while it was nobody's.
func replay(to *gateway.Device, b autodetect.Found) {
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
		if m := f.member(id); m.Device != nil && knownByHello(m.Device.Device) && m.Port == s.port { // it has not moved on meanwhile
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
	f.boards.Drop(ids...)
	c := f.state.Config
	for _, id := range ids {
		c = c.WithoutDevice(id)
	}
	f.become(ctx, c)
	for _, id := range ids {
		if port, ok := f.seconds[id]; ok {
			delete(f.seconds, id)
			f.scout.Again(port)
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
	switch {
	case m.Device == nil:
		return fmt.Errorf("no device %q", id)
	case !m.Adopted:
		return errors.New("it is in devices.yaml (hint: take it out there)")
	case !m.PausedUntil().IsZero():
		return fmt.Errorf("it is paused, and its board would be found again (hint: gateway resume %s, and unplug it)", id)
	case m.State().Open:
		return fmt.Errorf("its board is plugged in at %s, and would be found again (hint: unplug it first)", m.Port)
	}
	f.dismiss(ctx, id)
	return nil
}

// knownByHello reports whether the gateway knows the device only by its board's hello: a
// board that sends another one, or none, is a different board.
func knownByHello(d device.Device) bool { return d.Adopted && d.Describe != nil }
