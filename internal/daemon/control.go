package daemon

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/arq"
	"arduino-gateway/internal/control"
)

// controlServer makes the socket at which other commands ask the gateway.
func controlServer(f *fleet) (*control.Server, error) {
	path, err := control.Path(f.state.Config.Spool.Dir)
	return &control.Server{Path: path, Hub: f.deps.hub, Gateway: f, Log: f.log}, err
}

// ResultTimeout returns how long the result of a command may take: the command may wait
// for the board as long as the device allows, the board may then be asked whether it ran
// the command, and the result has to come back.
func ResultTimeout(d device.Device) time.Duration {
	return cmp.Or(d.Expires, device.DefaultExpires) + arq.Grace + 5*time.Second
}

// Devices returns the IDs of the devices, in the order of the configuration.
func (f *fleet) Devices() []string {
	devices := f.config().Devices
	ids := make([]string, len(devices))
	for i, d := range devices {
		ids[i] = d.ID
	}
	return ids
}

// Pause closes a device's port for a while. If a reload replaces the device, the new
// one is paused.
func (f *fleet) Pause(ctx context.Context, id string, length time.Duration) (control.Paused, error) {
	for {
		m := f.member(id)
		if m.device == nil {
			return control.Paused{}, fmt.Errorf("no device %q", id)
		}
		p, err := m.device.Pause(ctx, length)
		if err != nil || f.member(id).device == m.device {
			return control.Paused{Until: p.Until, Port: f.deps.tracker.Path(m.config.Port), Extended: p.Extended}, err
		}
	}
}

// Resume ends a pause.
func (f *fleet) Resume(id string) (paused bool, err error) {
	d := f.member(id).device
	if d == nil {
		return false, fmt.Errorf("no device %q", id)
	}
	return d.Resume(), nil
}
