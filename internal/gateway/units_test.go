package gateway

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestUnitsComeAndGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var ended []string
		u := NewUnits()
		for _, name := range []string{"a", "b", "c"} {
			u.Start(name, part{name, nil, &mu, &ended})
		}
		if err := u.Stop(t.Context(), "b", "unknown"); err != nil {
			t.Error(err)
		}
		if fmt.Sprint(ended) != "[b]" {
			t.Errorf("ended %v", ended)
		}
		u.Start("b", part{"b again", nil, &mu, &ended})
		u.Close()
		if len(ended) != 4 {
			t.Errorf("ended %v", ended)
		}
	})
}

func TestTheFirstFailureOfAUnitIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var ended []string
		u := NewUnits()
		defer u.Close()
		for _, name := range []string{"a", "b"} {
			u.Start(name, part{name, errors.New("broken"), &mu, &ended})
			synctest.Wait()
		}
		if err := <-u.Failed(); err.Error() != "a: broken" {
			t.Error(err)
		}
	})
}

// slow takes its time to end.
type slow time.Duration

func (s slow) String() string { return "slow" }

func (s slow) Run(ctx context.Context) error {
	<-ctx.Done()
	time.Sleep(time.Duration(s))
	return nil
}

// A stop of the whole does not wait behind a stop of one.
func TestWaitingForAUnitEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := NewUnits()
		u.Start("slow", slow(time.Hour))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := u.Stop(ctx, "slow"); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		begin := time.Now()
		u.Close()
		if took := time.Since(begin); took != time.Hour-time.Second {
			t.Errorf("closed after %v", took)
		}
	})
}
