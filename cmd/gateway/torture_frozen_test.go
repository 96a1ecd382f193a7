//go:build torture

package main

import (
	"fmt"
	"net/http"
	"syscall"
	"testing"
	"time"

	"arduino-gateway/internal/programtest"
)

// freeze makes the disk hang until thaw is called.
func freeze(t *testing.T, dir string) (thaw func()) {
	t.Helper()
	asRoot(t, "fsfreeze", "--freeze", dir)
	frozen := true
	thaw = func() {
		if frozen {
			frozen = false
			asRoot(t, "fsfreeze", "--unfreeze", dir)
		}
	}
	t.Cleanup(thaw)
	return thaw
}

// TestTorture_FrozenDisk freezes the disk under the spool, at first while the broker takes
// lines, then while it is away, and then during a stop. Lines flow, the page answers, and
// the stop is in time.
func TestTorture_FrozenDisk(t *testing.T) {
	r := newKeptRig(t)
	r.mqtt = ", payload: both"
	r.dir, r.http = newLoopDisk(t).dir, fmt.Sprintf("127.0.0.1:%d", programtest.FreePort(t))
	boards := streams(t, 2, 20*time.Millisecond)
	file := r.configure(devicesFor(boards...))
	p := launch(t, file)
	r.awaitEach(boards, 10)
	frozen := time.Duration(often(3, 16)) * time.Second

	thaw := freeze(t, r.dir)
	for begin := time.Now(); time.Since(begin) < frozen; {
		r.awaitEach(boards, 50)
		if code, text := get(t, "http://"+r.http+"/healthz", "", ""); code != http.StatusOK {
			t.Errorf("healthz answers %d: %s", code, text)
		}
	}
	thaw()

	r.broker.Stop()
	thaw = freeze(t, r.dir)
	p.log.Await(t, "the spool cannot write")
	r.broker.Restart()
	r.awaitEach(boards, 50)
	begin := time.Now()
	_ = p.Process.Signal(syscall.SIGTERM)
	p.log.Await(t, "gateway stopped")
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("the stop took %v", took)
	}
	thaw() // a call that is stuck in the kernel keeps the process until then
	_ = p.Wait()
	p.dead = true

	launch(t, file)
	r.awaitEach(boards, 10)
	c := r.finish(boards) // without the line that may have begun before the second start
	c.row(fmt.Sprintf("disk frozen for %v, and at a stop", frozen), fmt.Sprintf("first line after a start: %d", len(boards)))
	c.soundBut(t, len(boards))
}
