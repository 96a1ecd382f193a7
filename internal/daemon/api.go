package daemon

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/arq"
	"arduino-gateway/internal/control"
	"arduino-gateway/internal/dryrun"
	"arduino-gateway/internal/history"
	"arduino-gateway/internal/monitor"
	"arduino-gateway/internal/ports"
	"arduino-gateway/internal/spool"
	"arduino-gateway/internal/status"
	"arduino-gateway/internal/web"
	"arduino-gateway/mqttbridge"
)

// api answers pages, scripts and other commands about the running gateway. It is for
// concurrent use.
type api struct {
	version string
	started time.Time
	own     *mqttbridge.Session
	members *members
	spool   *spool.Spool
	tracker *ports.Tracker
	history *history.Store
	hub     *monitor.Hub
	forgets chan<- forgetRequest

	mu      sync.Mutex
	motions map[string]*status.Motion // by device
}

// ResultTimeout returns how long the result of a command may take: the command may wait
// for the board as long as the device allows, the board may then be asked whether it ran
// the command, and the result has to come back.
func ResultTimeout(d device.Device) time.Duration {
	return cmp.Or(d.Expires, device.DefaultExpires) + arq.Grace + 5*time.Second
}

// Devices returns the IDs of the devices, in the order of the configuration.
func (a *api) Devices() []string {
	devices := a.members.current().Devices
	ids := make([]string, len(devices))
	for i, d := range devices {
		ids[i] = d.ID
	}
	return ids
}

// Pause closes a device's port for a while. If a reload replaces the device, the new
// one is paused, and if the gateway restarts, the device stays paused.
func (a *api) Pause(ctx context.Context, id string, length time.Duration) (control.Paused, error) {
	for {
		m := a.members.get(id)
		if m.device == nil {
			return control.Paused{}, fmt.Errorf("no device %q", id)
		}
		now := time.Now()
		a.members.pauses.set(id, now, now.Add(length))
		p, err := m.device.Pause(ctx, length)
		if err != nil || a.members.get(id).device == m.device {
			return control.Paused{Until: p.Until, Port: a.tracker.Path(m.config.Port), Extended: p.Extended}, err
		}
	}
}

// Resume ends a pause. If a reload replaces the device meanwhile, the new one resumes.
func (a *api) Resume(id string) (paused bool, err error) {
	a.members.pauses.end(id, time.Now())
	for {
		d := a.members.get(id).device
		if d == nil {
			return false, fmt.Errorf("no device %q", id)
		}
		paused = d.Resume() || paused
		if a.members.get(id).device == d {
			return paused, nil
		}
	}
}

// Forget removes the device of a detected board that is away.
func (a *api) Forget(ctx context.Context, id string) error {
	answer := make(chan error, 1)
	select {
	case a.forgets <- forgetRequest{id, answer}:
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

// History returns the last hour of a device.
func (a *api) History(id string) *history.Recorder { return a.history.Device(id) }

// Subscribe returns the live events of a device.
func (a *api) Subscribe(id string) *monitor.Subscription { return a.hub.Subscribe(id) }

// Try reads the lines of a text with the configuration of a device.
func (a *api) Try(id, text string, each func(line device.Heard, left error)) error {
	m := a.members.get(id)
	if m.device == nil {
		return web.ErrNoDevice
	}
	_, err := dryrun.New(m.config).Lines(strings.NewReader(text), func(l dryrun.Line) { each(l.Heard, l.Left) })
	return err
}

// Send runs a command as if it had come from the broker. Its result is published there
// too.
func (a *api) Send(ctx context.Context, id, command, value string) (device.Result, error) {
	d := a.members.get(id).device
	if d == nil {
		return device.Result{}, web.ErrNoDevice
	}
	return d.Do(ctx, command, value)
}
