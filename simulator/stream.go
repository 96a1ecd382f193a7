package simulator

// stream is a sequence of random numbers that depends on its seed alone. Each
// direction of the wire has its own: what a program writes, and when, does not
// change what the board prints.
type stream struct{ seed, drawn uint64 }

func (s *stream) next() uint64 {
	s.drawn++
	return mix(s.seed + s.drawn*0x9e3779b97f4a7c15)
}

// scramble turns p into garbage.
func (s *stream) scramble(p []byte) {
	for i := range p {
		p[i] = byte(s.next())
	}
}

// damage changes one byte of p in a hundred.
func (s *stream) damage(p []byte) {
	for i := range p {
		if r := s.next(); r%100 == 0 {
			p[i] ^= 1 << (r >> 61)
		}
	}
}
