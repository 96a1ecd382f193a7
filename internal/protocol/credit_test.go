package protocol

import "testing"

func room(t *testing.T, c *Credit, want int) {
	t.Helper()
	if got := c.Room(); got != want {
		t.Errorf("room for %d bytes, want %d", got, want)
	}
}

// Answers free the bytes of their lines, also when the count wraps around.
func TestCredit_CountsModulo65536(t *testing.T) {
	var c Credit
	room(t, &c, 0)
	c.Begin(State{Input: 63, Taken: 65500}) // the count wraps around
	room(t, &c, 63)
	first := c.Sent(30)
	second := c.Sent(33)
	room(t, &c, 0)
	c.Answered(first, 65530)
	room(t, &c, 30)
	c.Answered(second, 27)
	room(t, &c, 63)
	c.Sent(100) // a question that ignored the room
	room(t, &c, 0)
}

// A lost answer costs nothing: the next one has the whole count.
func TestCredit_SurvivesALostAnswer(t *testing.T) {
	var c Credit
	c.Begin(State{Input: 63})
	c.Sent(20)
	second := c.Sent(20)
	c.Answered(second, 40)
	room(t, &c, 63)
}

// An answer corrects the count after the wire lost bytes.
func TestCredit_CorrectsLostBytes(t *testing.T) {
	var c Credit
	c.Begin(State{Input: 63})
	end := c.Sent(20)
	c.Taken(17)
	room(t, &c, 60)
	c.Answered(end, 17)
	room(t, &c, 63)
	end = c.Sent(10)
	room(t, &c, 53)
	c.Answered(end, 27)
	room(t, &c, 63)
}

// An answer corrects the count after the wire added bytes.
func TestCredit_CorrectsAddedBytes(t *testing.T) {
	var c Credit
	c.Begin(State{Input: 63})
	end := c.Sent(20)
	c.Answered(end, 25)
	room(t, &c, 63)
	end = c.Sent(20)
	room(t, &c, 43)
	c.Answered(end, 45)
	room(t, &c, 63)
}

// After Empty, the counts of a board that was only busy are used again.
func TestCredit_EmptyUntilTheNextCount(t *testing.T) {
	var c Credit
	c.Begin(State{Input: 63})
	first := c.Sent(40)
	c.Empty()
	room(t, &c, 63)
	again := c.Sent(40)
	c.Answered(first, 40)
	room(t, &c, 23)
	c.Answered(again, 80)
	room(t, &c, 63)
}
