package publisher

import (
	"fmt"
	"testing"
	"time"
)

// Only a row of endings over one message, each after a time of quiet and a PUBACK for
// another message, proves that the broker refuses it.
func TestTrial(t *testing.T) {
	a, b := identity{kind: ofLine, number: 7, topic: "a"}, identity{kind: ofLine, number: 8, topic: "b"}
	wide := ending{byBroker: true, unacked: 20, again: true}
	progress := ending{byBroker: true, unacked: 20}
	alone := func(m identity) ending {
		return ending{byBroker: true, unacked: 1, again: true, alone: true, message: m, after: time.Second, held: true, others: true}
	}
	but := func(change func(*ending)) ending {
		e := alone(a)
		change(&e)
		return e
	}
	first := but(func(e *ending) { e.held = false })
	proof := []ending{wide, first, alone(a), alone(a), alone(a)}
	for name, c := range map[string]struct {
		endings  []ending
		refused  int // the ending that proves it; -1: none
		reported int // the first ending that is reported; -1: none
	}{
		"a message that is refused":                 {proof, 4, 2},
		"the same without others on the way before": {proof[1:], 3, 2},
		"after an ending that begins the row":       {append([]ending{progress}, proof...), 5, 2},
		"every time over others":                    {[]ending{progress, progress, progress, progress, progress}, -1, -1},
		"a twin: every connection ends over many":   {[]ending{wide, wide, wide, wide, wide, wide}, -1, -1},
		"a twin: once during the quiet":             {[]ending{wide, first, alone(a), {byBroker: true, held: true}, first, alone(a), alone(a)}, -1, 2},
		"another message each time":                 {[]ending{first, alone(b), alone(a), alone(b), alone(a), alone(b)}, -1, -1},
		"the network is cut on this side":           {[]ending{first, alone(a), but(func(e *ending) { e.byBroker = false }), alone(a), alone(a)}, -1, -1},
		"the broker takes its time":                 {[]ending{first, alone(a), but(func(e *ending) { e.after = 6 * time.Second }), alone(a), alone(a), alone(a)}, -1, 4},
		"without quiet it is no proof":              {[]ending{first, first, first, first, first, first}, -1, 2},
		"nothing else passes either": {[]ending{but(func(e *ending) { e.others = false }), but(func(e *ending) { e.others = false }),
			but(func(e *ending) { e.others = false }), but(func(e *ending) { e.others = false }), but(func(e *ending) { e.others = false })}, -1, 2},
	} {
		var v trial
		refused, reported := -1, -1
		for i, e := range c.endings {
			if v.ended(e) {
				refused = i
			}
			if v.reported() && reported < 0 {
				reported = i
			}
			if refused < 0 && e.byBroker && e.unacked > 0 && v.narrow() != (e.again || e.alone) {
				t.Errorf("%s: narrow after ending %d: %t", name, i, v.narrow())
			}
		}
		if refused != c.refused || reported != c.reported {
			t.Errorf("%s: refused at %d, reported at %d; want %d, %d", name, refused, reported, c.refused, c.reported)
		}
	}
}

// The status comes first: no other message can be acknowledged before.
func TestTrial_Status(t *testing.T) {
	var v trial
	e := ending{byBroker: true, unacked: 1, alone: true, message: identity{kind: ofStatus, topic: "s"}, held: true}
	for i := range enoughEnds {
		if refused := v.ended(e); refused != (i == enoughEnds-1) {
			t.Errorf("ending %d: %t", i, refused)
		}
	}
}

// A PUBACK for the suspect ends everything but the rest of the messages on the way.
func TestTrial_Passed(t *testing.T) {
	m := identity{kind: ofMessage, number: 1, topic: "m"}
	e := ending{byBroker: true, unacked: 1, alone: true, message: m, held: true, others: true}
	v := trial{left: 5}
	v.ended(e)
	v.ended(e)
	if v.passed(identity{kind: ofStatus}) || !v.suspects(m) || v.left != 4 {
		t.Errorf("%+v", v)
	}
	v.ended(e)
	if !v.reported() || !v.passed(m) || v != (trial{left: 3}) {
		t.Errorf("%+v", v)
	}
}

// A size limit refuses long messages only; an access rule refuses a topic.
func TestVerdicts(t *testing.T) {
	v, now := verdicts{}, time.Now()
	check := func(size int, refused, try bool) {
		t.Helper()
		if r, a := v.refuses("t", size, now); r != refused || a != try {
			t.Errorf("%d bytes: refused %t, try %t", size, r, a)
		}
	}
	check(5000, false, false)
	v.add("t", 5000, now)
	check(5000, true, false)
	check(6000, true, false)
	check(4999, false, true)
	v.passed("t")
	check(4999, false, false)
	v.add("t", 3000, now)
	check(3000, true, false)
	check(2000, false, false) // one such passed: it is about the size

	now = now.Add(2*firstTerm + 1)
	check(5000, false, false)
	v.add("t", 9, now)
	check(8, false, true)
	v.add("t", 8, now) // and none passed
	check(1, true, false)
	now = now.Add(lastTerm)
	check(1, false, false)
}

// A line that is published again, and the status, are put aside once.
func TestVerdicts_Again(t *testing.T) {
	v := verdicts{}
	v.add("t", 1, time.Now())
	at := func(kind byte, number uint64, want bool) {
		t.Helper()
		if got := v.again(identity{kind: kind, number: number, topic: "t"}); got != want {
			t.Errorf("%d %d: %t", kind, number, got)
		}
	}
	at(ofLine, 5, false)
	at(ofLine, 6, false)
	at(ofLine, 5, true)
	at(ofLine, 6, true)
	at(ofLine, 7, false)
	at(ofMessage, 3, false)
	at(ofMessage, 3, false)
	v.add("t", 1, time.Now())
	at(ofStatus, 0, false)
	at(ofStatus, 0, true)
}

// The table of verdicts is bounded.
func TestVerdicts_Bounded(t *testing.T) {
	v, now := verdicts{}, time.Now()
	for i := range 1000 {
		v.add(fmt.Sprint(i), 1, now.Add(time.Duration(i)*time.Second))
	}
	if _, known := v["999"]; len(v) != maxVerdicts || !known {
		t.Errorf("%d topics, the last: %t", len(v), known)
	}
}
