//go:build linux

package main

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"
)

// TestTorture_LateDisk mounts the disk of the spool, on which lines of an earlier run
// wait, when the gateway has been running for a while: over a folder that it cannot write
// to, and over one that it uses meanwhile. The lines follow, and stay after a restart.
func TestTorture_LateDisk(t *testing.T) {
	for what, beneath := range map[string]string{
		"an unwritable folder": "ro",
		"a folder in use":      "rw",
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			r := newKeptRig(t)
			r.mqtt = ", payload: both"
			boards := streams(t, 2, 5*time.Millisecond)
			file, state := r.configure(devicesFor(boards...)), filepath.Join(r.dir, "state")
			disk, stick := newMounts(t), filepath.Join(r.dir, "stick")
			disk.mount(stick, "tmpfs", "size=16m")
			disk.bind(stick, state)
			p := launch(t, file, disk.enter()...)
			r.awaitEach(boards, 50)
			r.broker.Stop()
			p.log.Await(t, "board00: not connected")
			p.stop(t) // lines wait on the stick
			disk.unmount(state)

			disk.mount(state, "tmpfs", beneath)
			r.broker.Restart()
			p = launch(t, file, disk.enter()...)
			r.awaitEach(boards, 50)
			disk.bind(stick, state)
			r.broker.Stop() // the disk is used within spool.sync if lines wait
			p.log.Await(t, "lines of an earlier run read late")
			before := make([]int, len(boards))
			for i, b := range boards {
				before[i] = r.heard.count("devices/" + b.Name())
			}
			r.broker.Restart()
			r.awaitEach(boards, 50)
			p.stop(t)
			launch(t, file, disk.enter()...)
			r.awaitEach(boards, 10)
			c := r.finish(boards)
			if beneath == "rw" { // nothing in a fresh folder tells of the other one's seqs
				c.seqs, c.back = 0, 0
				for i, b := range boards {
					c.addSeqs(t, r.heard.on("devices/" + b.Name())[before[i]:])
				}
			}
			c.row("disk mounted late, over "+what, "first line after a start: "+fmt.Sprint(c.lost))
			c.disordered = 0 // what waited on the disk comes when it is there
			c.soundBut(t, 3*len(boards))
		})
	}
}
