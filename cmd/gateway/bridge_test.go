//go:build linux

package main

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"arduino-gateway/internal/mosquittotest"
	"arduino-gateway/internal/mqtttest"
)

// Two mosquittos with a bridge, and a gateway that has both in its list. Commands cross the
// bridge. The one that the gateway uses stops in order and comes back: subscribers of
// the second receive every line, and in the end the right status.
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
	used, other := first, r.broker // where a gateway begins depends on its ID
	if p.log.Count("connected", first.URL().String()) == 0 {
		used, other = other, used
	}
	p.log.AwaitTimes(t, 3, "connected", used.URL().String()) // the gateway and two devices
	r.publish("devices/board00/set/lamp", "on")
	r.await("devices/board00/result/lamp", some(1)) // the board has no such command
	used.Stop()
	p.log.AwaitTimes(t, 3, "connected", other.URL().String())
	printed := boards[0].Stats().Lines
	mqtttest.Eventually(t, "twenty lines more", func() bool { return boards[0].Stats().Lines > printed+20 })
	used.Restart()
	r.awaitEach(boards, 40) // what the one that stopped still has comes meanwhile
	c := r.finish(boards)
	if c.lost > 0 {
		t.Errorf("%+v", c)
	}
	for _, b := range boards {
		r.await("devices/"+b.Name()+"/status", ending("online"))
	}
}
