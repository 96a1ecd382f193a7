//go:build linux

package main

import (
	"os"
	"strings"
	"testing"

	"arduino-gateway/internal/doctor"
	"arduino-gateway/internal/mqtttest"
)

// rename gives the gateway of a devices.yaml another ID, and so other client IDs.
func rename(t *testing.T, file, id string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := writeFile(file, strings.Replace(string(text), "{id: rig}", "{id: "+id+"}", 1)); err != nil {
		t.Fatal(err)
	}
}

// Two gateways with other client IDs have a device of the same name. Both report it, and
// both go on; when one of them ends, it is over for the other.
func TestRun_ReportsADeviceOfAnotherGateway(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	first, second := r.numberedUno(), r.twin().numberedUno()
	rename(t, second, "attic")
	a := launch(t, first)
	r.await("devices/uno/status", ending("online"))
	b := launch(t, second)
	a.log.Await(t, "another gateway is there", "uno", `gateway \"attic\" on this machine`)
	b.log.Await(t, "another gateway is there", "uno", `gateway \"rig\" on this machine`)
	for _, file := range []string{first, second} {
		r.expect(r.examine(file), "device uno", doctor.Fail, "publishes on devices/uno too")
	}
	if n := a.log.Count("connection lost") + b.log.Count("connection lost") + a.log.Count("gives way") + b.log.Count("gives way"); n > 0 {
		t.Errorf("one of them stopped:\n%s\n%s", a.log.String(), b.log.String())
	}
	b.terminate(t)
	a.log.Await(t, "the other gateway is gone", "uno")
	mqtttest.Eventually(t, "the end of the problem", func() bool { return !doctor.Failed(r.examine(first)) })
	r.await("devices/uno/status", ending("online"))
}

// A gateway that is killed and started again is not taken for another one.
func TestRun_RestartIsNoTwin(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	file := r.numberedUno()
	p := launch(t, file)
	for range 3 {
		r.await("devices/uno/n", some(r.heard.count("devices/uno/n")+3))
		p.kill()
		p = launch(t, file)
		p.log.Await(t, "uno: connected")
	}
	r.await("devices/uno/n", some(r.heard.count("devices/uno/n")+30))
	if found := r.examine(file); doctor.Failed(found) || p.log.Count("another gateway") > 0 {
		t.Errorf("%+v\n%s", found, p.log.String())
	}
}
