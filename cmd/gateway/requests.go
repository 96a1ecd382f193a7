package main

import (
	"cmp"
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
	now := time.Now()
	for _, d := range (faces{f}).Devices(now) {
		one := control.Device{ID: d.ID, Online: d.Online, Port: d.Port.Problem, Session: d.Session.Problem,
			Path: cmp.Or(d.Port.Path, d.Port.Value), Rate: d.Rate, Lines: d.Counts.Lines, Errors: d.Counts.Errors(),
			Waiting: d.Waiting.Lines, Warnings: d.Warn(now)}
		if d.Port.PausedUntil != nil {
			one.Paused = *d.Port.PausedUntil
		}
		if d.LastLine != nil {
			one.LastLine = *d.LastLine
		}
		s.Devices = append(s.Devices, one)
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
