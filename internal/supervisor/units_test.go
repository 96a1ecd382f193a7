package supervisor

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// A stopped part's key can be used again.
func TestUnits_StartAndStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r record
		u := NewUnits()
		for _, name := range []string{"a", "b", "c"} {
			u.Start(name, r.part(name, nil))
		}
		if err := u.Stop(t.Context(), "b", "unknown"); err != nil {
			t.Error(err)
		}
		if fmt.Sprint(r.ended) != "[b]" {
			t.Errorf("ended %v", r.ended)
		}
		u.Start("b", r.part("b again", nil))
		u.Close()
		if len(r.ended) != 4 {
			t.Errorf("ended %v", r.ended)
		}
	})
}

// Failed receives the error of the part that failed first.
func TestUnits_ReportsTheFirstFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r record
		u := NewUnits()
		defer u.Close()
		for _, name := range []string{"a", "b"} {
			u.Start(name, r.part(name, errors.New("broken")))
			synctest.Wait()
		}
		if err := <-u.Failed(); err.Error() != "a: broken" {
			t.Error(err)
		}
	})
}

// When the whole program stops, it does not wait for the stop of one part first.
func TestUnits_StopEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := NewUnits()
		u.Start("slow", Part{Name: "slow", Run: func(ctx context.Context) error {
			<-ctx.Done()
			time.Sleep(time.Hour)
			return nil
		}})
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
