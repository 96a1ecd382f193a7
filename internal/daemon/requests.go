package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"arduino-gateway/internal/control"
	"arduino-gateway/internal/supervisor"
)

// controlServer makes the socket at which other commands ask. The gateway runs on
// without it: readings matter more.
func controlServer(f *fleet, log *slog.Logger) (supervisor.Part, error) {
	path, err := control.Path(f.state.Config.Spool.Dir)
	if err != nil {
		return supervisor.Part{}, err
	}
	server := &control.Server{Path: path, Hub: f.hub, Gateway: f, Log: log}
	return supervisor.Part{Name: "commands monitor, pause and resume", Run: server.Run, Optional: true}, nil
}

// Devices gives the IDs of the configuration, in its order.
func (f *fleet) Devices() []string {
	devices := f.config().Devices
	ids := make([]string, len(devices))
	for i, d := range devices {
		ids[i] = d.ID
	}
	return ids
}

// Pause gives a device's port up. Should a reload replace the device meanwhile,
// its successor is paused.
func (f *fleet) Pause(ctx context.Context, id string, length time.Duration) (control.Paused, error) {
	for {
		d := f.member(id).Device
		if d == nil {
			return control.Paused{}, fmt.Errorf("no device %q", id)
		}
		p, err := d.Pause(ctx, length)
		if err != nil || f.member(id).Device == d {
			return control.Paused{Until: p.Until, Port: f.ports.Path(d.Port), Extended: p.Extended}, err
		}
	}
}

// Resume ends a pause.
func (f *fleet) Resume(id string) (paused bool, err error) {
	d := f.member(id).Device
	if d == nil {
		return false, fmt.Errorf("no device %q", id)
	}
	return d.Resume(), nil
}
