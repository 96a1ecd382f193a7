package protocol

// Credit counts the bytes that may be in a board's input buffer: those that the gateway has
// sent, less those that the board reports as taken. All counts are modulo 65536. The zero
// Credit has no room.
//
// If the wire loses or adds bytes, the board's count differs from the gateway's. Each answer
// corrects this, because it proves that the board has taken its line.
type Credit struct {
	input  uint16 // size of the buffer
	sent   uint16 // by the board's count
	taken  uint16 // of sent, as far as known
	offset uint16 // from the board's count to the gateway's
}

// Begin starts with the state of a board to which no bytes are on their way.
func (c *Credit) Begin(s State) {
	*c = Credit{input: s.Input, sent: s.Taken, taken: s.Taken}
}

// Room returns how many bytes may be sent now.
func (c *Credit) Room() int { return max(0, int(c.input)-c.Ahead()) }

// Ahead returns how many of the sent bytes the board has not taken, as far as known.
func (c *Credit) Ahead() int { return int(c.sent - c.taken) }

// Sent counts n more bytes and returns the count at their end.
func (c *Credit) Sent(n int) (end uint16) {
	c.sent += uint16(n)
	return c.sent
}

// Taken takes the count in a state, or in an answer to an unknown line.
func (c *Credit) Taken(count uint16) { c.see(count + c.offset) }

// Answered takes the count in the answer to a line whose first copy ended at end.
func (c *Credit) Answered(end, count uint16) {
	if missing := end - (count + c.offset); int16(missing) > 0 {
		c.offset += missing // lost on the wire
	}
	c.see(count + c.offset)
}

// Empty assumes that the buffer is empty, because the board has been silent for longer than
// usual, until the next count comes. If that is wrong, bytes are lost, and the checksum
// shows it.
func (c *Credit) Empty() { c.taken = c.sent }

func (c *Credit) see(taken uint16) {
	if surplus := taken - c.sent; int16(surplus) > 0 {
		c.offset -= surplus // noise that the board counted as bytes
		taken = c.sent
	}
	c.taken = taken
}
