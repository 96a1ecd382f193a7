package logtest

import (
	"fmt"
	"io"
	"testing"
	"testing/synctest"
)

// Lines are counted by their parts, also while they are written.
func TestLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l Log
		fmt.Fprintln(&l, "port=a opened")
		fmt.Fprintln(&l, "port=b lost")
		if got := l.Count("port=a", "lost"); got != 0 {
			t.Errorf("%d lines; the parts are on two lines", got)
		}
		if got := l.Count("port="); got != 2 {
			t.Errorf("%d lines, want 2", got)
		}
		go func() {
			synctest.Wait() // until the test waits
			io.WriteString(&l, "port=a ")
			synctest.Wait()
			io.WriteString(&l, "lost\n")
		}()
		l.Await(t, "lost")
		l.AwaitTimes(t, 2, "lost")
		if want := "port=a opened\nport=b lost\nport=a lost\n"; l.String() != want {
			t.Errorf("%q, want %q", l.String(), want)
		}
	})
}
