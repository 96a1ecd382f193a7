//go:build linux

package main

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"arduino-gateway/internal/mosquittotest"
)

// A broker that hangs at the head of the list delays the gateway by two seconds, and once:
// the first attempt is not waited for.
func TestRun_BrokerListWithAHungBroker(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	hung := mosquittotest.Start(t)
	hung.Freeze()
	board := streams(t, 1, 20*time.Millisecond)[0]
	file := filepath.Join(r.dir, "devices.yaml")
	settings := fmt.Sprintf("gateway: {id: rig}\nmqtt: {broker: [%q, %q], order: as_written}\nspool: {dir: %q}\nhttp: {listen: \"off\"}\ndevices:\n  board: {port: %q}\n",
		hung.URL(), r.broker.URL(), filepath.Join(r.dir, "state"), board.Path())
	if err := writeFile(file, settings); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	launch(t, file)
	r.await("devices/board/n", some(1))
	if took := time.Since(begin); took > 9*time.Second { // waiting for the first would take ten
		t.Errorf("the first reading came after %v", took)
	}
	hung.Thaw()
}
