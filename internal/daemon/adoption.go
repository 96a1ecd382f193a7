package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"

	"arduino-gateway/device"
	"arduino-gateway/internal/autodetect"
	"arduino-gateway/internal/config"
	"arduino-gateway/internal/deviceid"
	"arduino-gateway/internal/gateway"
	"arduino-gateway/internal/ports"
	"arduino-gateway/internal/reload"
	"arduino-gateway/serialbridge"
)

// adoption makes devices of detected boards, which have no entry in devices.yaml. It
// belongs to the fleet's goroutine.
type adoption struct {
	registry   *autodetect.Registry
	detector   *autodetect.Detector
	duplicates map[string]string // by ID, the port of another board with that ID, which was refused
	forgets    chan forgetRequest
}

// forgetRequest asks to forget the board of a device.
type forgetRequest struct {
	device string
	answer chan<- error // capacity 1
}

func newAdoption(tracker *ports.Tracker, dir string, log *slog.Logger) *adoption {
	return &adoption{
		registry:   autodetect.OpenRegistry(dir, log),
		detector:   autodetect.New(autodetect.Options{Tracker: tracker, PortOptions: probeOptions, Log: log}),
		duplicates: map[string]string{},
		forgets:    make(chan forgetRequest),
	}
}

// probeOptions returns how the detector opens a port. Its close leaves DTR up, so that
// the device that the board becomes does not reset the board again.
func probeOptions(port ports.Port, lease *ports.Lease) serialbridge.Options {
	d := device.Device{ID: port.Path, Port: port.Value, Baud: device.BaudAuto}
	if port.Chip.Kind == ports.Bridge {
		d.ResetOnOpen = new(false)
	}
	return portOptions(d, 0, lease, new(atomic.Pointer[ports.Port]))
}

// join returns s with the boards as devices, if s wants detected boards. overruled has
// the reason for each board that cannot be a device: devices.yaml has a device with
// its ID, or taken reports true because a device there has its port.
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

// WithDetected returns the configuration with the devices of the boards that were
// detected before, for commands that only look.
func WithDetected(c *config.Config, machine ports.Machine) *config.Config {
	tracker := ports.NewSnapshot(machine, slog.New(slog.DiscardHandler))
	joined, _ := join(reload.State{Config: c}, autodetect.SavedBoards(c.Spool.Dir),
		func(port string) bool { return tracker.Overlaps(port, portsOf(c)) })
	return joined.Config
}

// join adds the boards of the registry to a state without any.
func (f *fleet) join(s reload.State) (joined reload.State, overruled map[string]error) {
	listed := portsOf(s.Config)
	return join(s, f.adoption.registry.Boards(), func(port string) bool { return f.deps.tracker.Overlaps(port, listed) })
}

// overrule forgets boards that devices.yaml has overruled.
func (f *fleet) overrule(boards map[string]error) {
	for id, why := range boards {
		f.log.Info("devices.yaml overrules a detected board", "device", id, "why", why)
		f.adoption.registry.Remove(id)
	}
}

// rejoin forgets boards whose ports belong to devices of devices.yaml. That may show
// only when a port appears.
func (f *fleet) rejoin(ctx context.Context) {
	joined, overruled := f.join(f.state.WithoutDetected())
	if len(overruled) > 0 {
		f.overrule(overruled)
		f.become(ctx, joined)
	}
}

func portsOf(c *config.Config) (values []string) {
	for _, d := range c.Devices {
		values = append(values, d.Port)
	}
	return values
}

// scopeOf returns where to detect boards beside the devices of a configuration.
func scopeOf(c *config.Config) autodetect.Scope {
	return autodetect.Scope{On: c.Auto.On, Any: c.Auto.Any, Patterns: c.Auto.Ports, Claimed: portsOf(c)}
}

// adopt makes a device of a board that was just detected. If the board is a device
// already, it moves that one to the port where the board is now.
func (f *fleet) adopt(ctx context.Context, b autodetect.Detection) {
	hint := "give it another ID in its sketch, or an entry in devices.yaml; then replug it"
	if b.Plain {
		b.ID = deviceid.Free(deviceid.ForBoard(b.Name), f.state.Config.Taken)
		hint = "give it an entry in devices.yaml"
	}
	d, err := f.admit(b)
	if err == nil {
		err = f.adoption.registry.Put(b.Board)
	}
	if err != nil {
		f.log.Warn("detected board cannot be a device", "port", b.Port, "id", b.ID, "error", err, "hint", hint)
		return
	}
	delete(f.adoption.duplicates, d.ID)
	f.become(ctx, f.state.WithDetected(d, factsOf(b.Board)), b)
}

// admit returns the device that a board becomes, or why it cannot be one.
func (f *fleet) admit(b autodetect.Detection) (device.Device, error) {
	c := f.state.Config
	if b.Plain {
		return c.AdoptPlain(b.ID, b.Port)
	}
	if m := f.members.get(b.ID); m.device != nil && f.state.Detected[b.ID].Hello {
		if f.stays(m) {
			f.adoption.duplicates[b.ID] = b.Port
			return device.Device{}, fmt.Errorf("another board with this ID is at %s", m.config.Port)
		}
		c = c.WithoutDevice(b.ID)
	}
	return c.Adopt(b.ID, b.Port)
}

// stays reports whether the board of a device is still at its port: the port is open,
// or paused and there.
func (f *fleet) stays(m member) bool {
	s, port := m.device.State(), m.config.Port
	return s.Open || !s.PausedUntil.IsZero() && f.deps.tracker.Overlaps(port, []string{port})
}

// replay gives a device what its board printed while it was detected.
func replay(to *gateway.Device, b autodetect.Detection) {
	to.Opened(b.Opened)
	to.Missed(b.Dropped)
	last := b.Opened
	for i, line := range b.Lines {
		last = line.At
		if i == 0 && b.Unsure {
			to.FirstLine(last, line.Text)
		} else {
			to.Line(last, line.Text)
		}
	}
	to.EndOfRead(last)
	to.Closed(last, nil)
}

// drop removes devices of detected boards. A board that was refused because it has the
// ID of one of them is then detected again.
func (f *fleet) drop(ctx context.Context, ids ...string) {
	if len(ids) == 0 {
		return
	}
	f.adoption.registry.Remove(ids...)
	f.become(ctx, f.state.WithoutDevices(ids...))
	for _, id := range ids {
		if port, ok := f.adoption.duplicates[id]; ok {
			delete(f.adoption.duplicates, id)
			f.adoption.detector.Retry(port)
		}
	}
}

// forget answers a request to forget a board: it removes its device if it is away.
func (f *fleet) forget(ctx context.Context, id string) error {
	m := f.members.get(id)
	_, detected := f.state.Detected[id]
	switch {
	case m.device == nil:
		return fmt.Errorf("no device %q", id)
	case !detected:
		return errors.New("it is in devices.yaml (hint: remove its entry there)")
	case !m.device.State().PausedUntil.IsZero():
		return fmt.Errorf("it is paused, and its board would be detected again (hint: gateway resume %s, then unplug it)", id)
	case m.device.State().Open:
		return fmt.Errorf("its board is plugged in at %s, and would be detected again (hint: unplug it first)", m.config.Port)
	}
	f.drop(ctx, id)
	return nil
}
