package simulator

import "time"

// beginScheduled begins a scheduled fault.
func (s *sketch) beginScheduled(i int, now time.Duration) action {
	f := s.faults[i]
	if f.Every > 0 {
		s.faults[i].At += f.Every
	} else {
		s.faults[i].At = never
	}
	return s.begin(f.Do, f.For, now)
}

// begin begins a fault now. With duration 0 it lasts as described at Do.
func (s *sketch) begin(do Do, duration, now time.Duration) action {
	if do == Reset {
		s.reset(now)
		return action{do: updatingPort}
	}
	s.until[do] = never
	if duration > 0 {
		s.until[do] = now + duration
	}
	switch do {
	case Garbage, Cut:
		delete(s.once, do)
		if duration == 0 {
			s.once[do] = true
		}
	case Flood:
		s.flooded = now
	case Hang:
		return action{do: updatingPort}
	case Unplug:
		s.powered = false
		return action{do: updatingPort}
	}
	return action{}
}

// end ends a fault.
func (s *sketch) end(do Do, now time.Duration) action {
	if !s.active(do) {
		return action{}
	}
	delete(s.until, do)
	delete(s.once, do)
	switch do {
	case Unplug:
		s.power(now)
		return action{do: updatingPort}
	case Hang:
		s.skipTicks(now)
		s.readBuffered(now)
		return action{do: updatingPort}
	case Busy:
		s.skipTicks(now)
		s.readBuffered(now)
	}
	return action{}
}
