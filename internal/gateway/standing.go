package gateway

import (
	"sync"
	"time"
)

// State is how a device stands.
type State struct {
	Open        bool      // its port is
	Online      bool      // as its status topic says
	Since       time.Time // when it went online or offline
	PausedUntil time.Time // zero: it is not paused
}

// standing keeps a State. The port's goroutine changes it.
type standing struct {
	mu    sync.Mutex
	state State
}

func (s *standing) open() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Open = true
}

func (s *standing) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Open = false
}

func (s *standing) online(at time.Time, online bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.Online != online {
		s.state.Online, s.state.Since = online, at
	}
}

// setOnline has the session say whether the device is online.
func (d *Device) setOnline(at time.Time, online bool) {
	d.standing.online(at, online)
	d.session.SetOnline(online)
}

// State tells how the device stands; from any goroutine.
func (d *Device) State() State {
	d.standing.mu.Lock()
	defer d.standing.mu.Unlock()
	s := d.standing.state
	s.PausedUntil = d.PausedUntil()
	return s
}
