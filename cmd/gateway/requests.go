package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"arduino-gateway/internal/control"
)

// Devices gives the IDs of the configuration, in its order.
func (f *fleet) Devices() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	ids := make([]string, len(f.listed.Devices))
	for i, d := range f.listed.Devices {
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
			return control.Paused(p), err
		}
	}
}

// Status tells how the gateway and its devices are.
func (f *fleet) Status() control.Status {
	version, _ := build()
	disk := f.spool.Stats()
	s := control.Status{Version: version, PID: os.Getpid(), Started: f.started, Problem: f.own.Stats().Problem,
		Waiting: disk.Lines, DiskDown: disk.MemoryOnly}
	for _, id := range f.Devices() {
		m := f.member(id)
		if m.Device == nil {
			continue // a reload has taken it away meanwhile
		}
		s.Devices = append(s.Devices, control.Device{ID: id, Online: m.Online(), Paused: m.PausedUntil(),
			Port: m.port.Stats().Problem, Session: m.session.Stats().Problem})
	}
	return s
}

// Resume ends a pause.
func (f *fleet) Resume(id string) (paused bool, err error) {
	d := f.member(id).Device
	if d == nil {
		return false, fmt.Errorf("no device %q", id)
	}
	return d.Resume(), nil
}
