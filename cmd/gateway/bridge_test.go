//go:build linux

package main

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"arduino-gateway/internal/mosquittotest"
)

// Two mosquittos, the first with a bridge to the second, and a gateway that has both in
// its list. The first stops in order and comes back: subscribers of the second receive
// every line, and in the end the right status.
func TestCluster_TwoBridgedMosquittos(t *testing.T) {
	t.Parallel()
	r := newKeptRig(t) // its broker is the second
	first := mosquittotest.Start(t, "persistence true", "connection second", "address "+r.broker.Addr(),
		"topic devices/# both 1", "cleansession false", "notifications false", "restart_timeout 1")
	boards := streams(t, 2, 50*time.Millisecond)
	file := filepath.Join(r.dir, "devices.yaml")
	text := fmt.Sprintf("gateway: {id: rig}\nmqtt: {broker: [%q, %q], keep_alive: 5s}\nspool: {dir: %q}\nhttp: {listen: off}\ndevices:\n%s",
		first.URL(), r.broker.URL(), filepath.Join(r.dir, "state"), devicesFor(boards...))
	if err := writeFile(file, text); err != nil {
		t.Fatal(err)
	}
	p := launch(t, file)
	r.awaitEach(boards, 10)
	p.log.AwaitTimes(t, 3, "connected", first.URL().String())
	r.publish("devices/board00/set/lamp", "on")
	r.await("devices/board00/result/lamp", some(1)) // the board has no such command
	first.Stop()
	p.log.AwaitTimes(t, 3, "connected", r.broker.URL().String())
	r.awaitEach(boards, 10)
	first.Restart()
	r.awaitEach(boards, 40) // what the first still has comes meanwhile
	c := r.finish(boards)
	if c.lost > 0 {
		t.Errorf("%+v", c)
	}
	for _, b := range boards {
		r.await("devices/"+b.Name()+"/status", ending("online"))
	}
}
