package gateway

import (
	"sync"
	"time"
)

// State is the state of a device.
type State struct {
	Open        bool      // its port is open
	Online      bool      // what the status topic says
	Since       time.Time // since when it is online or offline
	PausedUntil time.Time // zero: it is not paused
}

// onlineState holds a State. The port's goroutine changes it.
type onlineState struct {
	mu    sync.Mutex
	state State
}

func (s *onlineState) setOpen(open bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Open = open
}

func (s *onlineState) set(at time.Time, online bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.Online != online {
		s.state.Online, s.state.Since = online, at
	}
}

func (s *onlineState) get() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

// State returns the state of the device.
func (d *Device) State() State {
	s := d.online.get()
	s.PausedUntil = d.pause.active(time.Now())
	return s
}

// setOnline also publishes the status.
func (d *Device) setOnline(at time.Time, online bool) {
	d.online.set(at, online)
	d.session.SetOnline(online)
}

// goOnline sets the device online if its board is ready and is the right one.
func (d *Device) goOnline(at time.Time) {
	if d.protocol.ready && d.protocol.trusted() {
		d.setOnline(at, true)
	}
}
