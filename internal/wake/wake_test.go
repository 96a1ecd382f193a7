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
		due, stop := At(begin.Add(time.Minute))
		defer stop()
		<-due
		if waited := time.Since(begin); waited != time.Minute {
			t.Errorf("waited %v, want 1m", waited)
		}
	})
}

func TestAt_PastIsNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		due, stop := At(begin.Add(-time.Minute))
		defer stop()
		<-due
		if waited := time.Since(begin); waited != 0 {
			t.Errorf("waited %v, want 0s", waited)
		}
	})
}

func TestAt_ZeroIsNever(t *testing.T) {
	due, stop := At(time.Time{})
	stop()
	if due != nil {
		t.Error("a channel for the zero time")
	}
}
