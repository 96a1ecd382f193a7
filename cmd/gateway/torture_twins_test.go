//go:build linux

package main

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"arduino-gateway/internal/doctor"
	"arduino-gateway/internal/mosquittotest"
	"arduino-gateway/internal/mqtttest"
	"arduino-gateway/simulator"
)

// twin returns a rig for a second gateway at the same broker.
func (r *rig) twin() *rig {
	return &rig{t: r.t, broker: r.broker, heard: r.heard, mqtt: r.mqtt, dir: r.t.TempDir()}
}

// terminate ends the binary in order.
func (p *running) terminate(t *testing.T) {
	t.Helper()
	p.dead = true
	_ = p.Process.Signal(syscall.SIGTERM)
	if err := p.Wait(); err != nil {
		t.Errorf("%v\n%s", err, p.log.String())
	}
}

// numberedUno returns a devices.yaml with one board of the name uno, which prints numbers.
func (r *rig) numberedUno() (file string) {
	board := simulator.New(r.t, numbered("uno", 100*time.Millisecond, 0))
	return r.configure(fmt.Sprintf("  uno: {port: %q}\n", board.Path()))
}

// Two gateways have the same IDs. The later one gives way, says to whom, and takes over
// when the first one ends. Status messages stay few, and the first one's readings go on.
func TestTorture_Twins(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	first, second := r.numberedUno(), r.twin().numberedUno()
	a := launch(t, first)
	r.await("devices/uno/status", ending("online"))
	before := r.heard.count("devices/uno/status") + r.heard.count("devices/gateway/rig/status")
	b := launch(t, second)
	b.log.Await(t, "gives way", "uno", `gateway \"rig\" on this machine`)
	length := time.Duration(often(10, 120)) * time.Second
	for end := time.Now().Add(length); time.Now().Before(end); {
		r.await("devices/uno/n", some(r.heard.count("devices/uno/n")+5)) // of one of the two
	}
	for _, file := range []string{first, second} {
		r.expect(r.examine(file), "gateway", doctor.Fail, "has the same gateway.id")
	}
	statuses := r.heard.count("devices/uno/status") + r.heard.count("devices/gateway/rig/status") - before
	if statuses > 20 {
		t.Errorf("%d status messages:\n%q\n%q", statuses, r.heard.on("devices/uno/status"), r.heard.on("devices/gateway/rig/status"))
	}
	if n := a.log.Count("gives way"); n > 0 {
		t.Error("the first one gives way too")
	}
	if *torture {
		fmt.Printf("| twins for %v: %d status messages |\n", length, statuses)
	}
	a.terminate(t)
	b.log.Await(t, "connects again", "uno")
	r.await("devices/uno/status", ending("online"))
	r.await("devices/gateway/rig/status", ending("online"))
	var found []doctor.Finding
	defer func() {
		if t.Failed() {
			t.Logf("%+v", found)
		}
	}()
	mqtttest.Eventually(t, "the end of the problem", func() bool { found = r.examine(second); return !doctor.Failed(found) })
	if n := strings.Count(b.log.String(), "the other gateway is gone"); n == 0 {
		t.Error("the end is not logged")
	}
}

// A router holds connections half open: the broker publishes their wills late, when the
// sessions are back for long. The status is right soon after, each time.
func TestTorture_LateWills(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	network := mosquittotest.NewNetwork(t, r.broker.URL())
	r.via, r.mqtt = network.URL(), ", reconnect: {max_delay: 500ms}"
	board := simulator.New(t, numbered("uno", 100*time.Millisecond, 0))
	launch(t, r.configure(fmt.Sprintf("  uno: {port: %q, client_id: \"\"}\n", board.Path())))
	const topic = "devices/uno/status"
	r.await(topic, ending("online"))
	times := often(3, 15)
	for range times {
		before := r.heard.count(topic)
		network.Hold()
		r.await(topic, some(before+1)) // the new session says online
		before = r.heard.count(topic)
		network.Release()
		r.await(topic, func(got []string) bool {
			return len(got) >= before+2 && got[len(got)-2] == "offline" && got[len(got)-1] == "online"
		})
	}
	if *torture {
		fmt.Printf("| %d late wills: %d status messages |\n", times, r.heard.count(topic))
	}
}
