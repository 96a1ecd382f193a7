package main

import (
	"context"
	"fmt"
	"time"

	"arduino-gateway/internal/control"
)

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
