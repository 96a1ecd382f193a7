package protocol

// Credit counts the bytes that may lie in a board's input buffer, from what the
// gateway has sent and what the board says it has taken. All are modulo 65536.
// The zero Credit has no room.
//
// The board's count and the gateway's part where the wire loses bytes or adds
// some. Each answer brings them together again: it proves that its line was
// taken, whatever the count says.
type Credit struct {
	input  uint16 // what the buffer holds
	sent   uint16 // as the board would count it
	taken  uint16 // what is known to be taken, of sent
	offset uint16 // from the board's count to ours
}

// Begin takes up the state of a board to which nothing is on its way.
func (c *Credit) Begin(s State) {
	*c = Credit{input: s.Input, sent: s.Taken, taken: s.Taken}
}

// Room is how many bytes may be sent now.
func (c *Credit) Room() int { return max(0, int(c.input)-c.Ahead()) }

// Ahead is how many of the bytes sent the board has not taken, as far as is known.
func (c *Credit) Ahead() int { return int(c.sent - c.taken) }

// Sent counts n more bytes, and gives the place of their end.
func (c *Credit) Sent(n int) (end uint16) {
	c.sent += uint16(n)
	return c.sent
}

// Taken hears the count of a state, or of an answer of which the line is not
// known.
func (c *Credit) Taken(count uint16) { c.see(count + c.offset) }

// Answered hears the count of the answer to a line whose first copy ended at end.
func (c *Credit) Answered(end, count uint16) {
	if missing := end - (count + c.offset); int16(missing) > 0 {
		c.offset += missing // lost on the wire
	}
	c.see(count + c.offset)
}

// Empty takes the buffer for empty, when the board has been silent for longer
// than it ever is, until it tells better. Where that was wrong, bytes are lost,
// which the checksum shows.
func (c *Credit) Empty() { c.taken = c.sent }

func (c *Credit) see(taken uint16) {
	if surplus := taken - c.sent; int16(surplus) > 0 {
		c.offset -= surplus // noise that the board took for bytes
		taken = c.sent
	}
	c.taken = taken
}
