package mqttbridge

import "context"

// absence is a time for which a session stays away from the broker.
type absence struct {
	begun chan struct{} // closed by Run when the session has left
	over  chan struct{} // closed by Reconfigure
}

// Leave makes the session leave the broker, as at a stop, and stay away until
// Reconfigure. It ends its subscriptions there: under the next client ID it has others.
// The channel is closed when it has left. Run must be under way.
func (s *Session) Leave() (left <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away == nil {
		s.away = &absence{make(chan struct{}), make(chan struct{})}
		if s.end != nil {
			s.end()
		}
	}
	return s.away.begun
}

// leaving returns the absence that is asked for or under way, or nil.
func (s *Session) leaving() *absence {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.away
}

// wait stays away until the absence is over, or ctx ends.
func (a *absence) wait(ctx context.Context) {
	close(a.begun)
	select {
	case <-a.over:
	case <-ctx.Done():
	}
}
