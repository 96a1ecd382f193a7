package wake

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestSignal_ManySetsAreOne(t *testing.T) {
	s := NewSignal()
	s.Set()
	s.Set()
	<-s
	select {
	case <-s:
		t.Error("the signal was still set after one receive")
	default:
	}
}

func TestAt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		timer := At(begin.Add(time.Minute))
		defer timer.Stop()
		<-timer.C
		if waited := time.Since(begin); waited != time.Minute {
			t.Errorf("waited %v, want 1m", waited)
		}
	})
}

func TestAt_PastIsNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		timer := At(begin.Add(-time.Minute))
		defer timer.Stop()
		<-timer.C
		if waited := time.Since(begin); waited != 0 {
			t.Errorf("waited %v, want 0s", waited)
		}
	})
}

func TestAt_ZeroIsNever(t *testing.T) {
	timer := At(time.Time{})
	timer.Stop()
	if timer.C != nil {
		t.Error("a channel for the zero time")
	}
}

// A command waits at least once: At allocates no more than its timer.
func TestAt_AllocatesOnlyTheTimer(t *testing.T) {
	at := time.Now().Add(time.Hour)
	own := testing.AllocsPerRun(100, func() { time.NewTimer(time.Until(at)).Stop() })
	if got := testing.AllocsPerRun(100, func() { At(at).Stop() }); got > own {
		t.Errorf("%v allocations, the timer needs %v", got, own)
	}
}
