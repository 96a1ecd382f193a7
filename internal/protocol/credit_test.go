package protocol

import "testing"

func room(t *testing.T, c *Credit, want int) {
	t.Helper()
	if got := c.Room(); got != want {
		t.Errorf("there is room for %d bytes, want %d", got, want)
	}
}

func TestCredit(t *testing.T) {
	var c Credit
	room(t, &c, 0)
	c.Begin(State{Input: 63, Taken: 65500}) // the count turns over
	room(t, &c, 63)
	first := c.Sent(30)
	second := c.Sent(33)
	room(t, &c, 0)
	c.Answered(first, 65530)
	room(t, &c, 30)
	c.Answered(second, 27)
	room(t, &c, 63)
	c.Sent(100) // an asking that did not look
	room(t, &c, 0)
}

// A lost answer costs nothing: the next one tells as much.
func TestCreditAfterALostAnswer(t *testing.T) {
	var c Credit
	c.Begin(State{Input: 63})
	c.Sent(20)
	second := c.Sent(20)
	c.Answered(second, 40)
	room(t, &c, 63)
}

func TestCreditWhereBytesAreLost(t *testing.T) {
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

func TestCreditWhereNoiseIsAdded(t *testing.T) {
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

// The board was only busy: what it says later is believed.
func TestCreditTakenForEmpty(t *testing.T) {
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
