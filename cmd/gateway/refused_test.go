//go:build linux

package main

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"arduino-gateway/internal/doctor"
	"arduino-gateway/internal/mosquittotest"
	"arduino-gateway/simulator"
)

// The result of a command whose topic is as long as MQTT allows has a topic that is
// longer. The device goes on, also after a kill.
func TestRun_ResultWithoutPacket(t *testing.T) {
	r := newRig(t)
	board := simulator.New(t, numbered("uno", 20*time.Millisecond, 0))
	file := r.configure("  uno: {port: " + board.Path() + ", commands: {led: {type: bool}}}\n")
	p := launch(t, file)
	r.await("devices/uno/n", some(3))
	r.publish("devices/uno/set/"+strings.Repeat("x", 65_517), "")
	alive := func(commands int) {
		t.Helper()
		r.await("devices/uno/n", some(r.heard.count("devices/uno/n")+10))
		r.publish("devices/uno/set/led", "on")
		r.await("devices/uno/result/led", some(commands))
		if log := p.log.String(); strings.Contains(log, "connection lost") {
			t.Error("the connection was lost")
		}
	}
	alive(1)
	p.kill()
	p = launch(t, file)
	alive(2)
}

// A line that is too long for the broker, which then closes the connection, is put aside.
// The next lines arrive, and everything says so, also after a kill.
func TestRun_MessageTooLongForBroker(t *testing.T) {
	t.Parallel()
	r := &rig{t: t, broker: mosquittotest.Start(t, "max_packet_size 500"), dir: t.TempDir()}
	r.heard = r.listen("#")
	url := r.withPage()
	board := simulator.New(t, numbered("uno", 50*time.Millisecond, 0))
	file := r.configure("  uno: {port: " + board.Path() + "}\n")
	p := launch(t, file)
	r.await("devices/uno/n", some(5))
	long := strings.Repeat("x", 600)
	board.Println("note=" + long)
	p.log.Await(t, "message refused", "devices/uno/note (600 bytes)", "access rule or a size limit", "another client")
	p.log.Await(t, "message put aside")
	r.await("devices/uno/n", some(r.heard.count("devices/uno/n")+20))

	if kept := r.kept(); len(kept) != 1 || kept["devices/uno/note"] != 1 {
		t.Errorf("%v", kept)
	}
	found := r.examine(file)
	r.expect(found, "device uno", doctor.Fail, "message put aside: devices/uno/note (600 bytes)")
	r.expect(found, "device uno", doctor.Warn, "put aside because the broker does not take them: 1 message")
	for path, want := range map[string]string{
		"api/v1/devices/uno": `"refused_messages":1`,
		"metrics":            `gateway_mqtt_refused_messages_total{device="uno"} 1`,
		"readyz":             "devices/uno/note (600 bytes)",
	} {
		if _, got := get(t, url+path, "", ""); !strings.Contains(got, want) {
			t.Errorf("%s lacks %s:\n%s", path, want, got)
		}
	}
	if strings.Contains(p.log.String(), "connections end early") {
		t.Error("the log blames another client")
	}
	if err := inOrderOnce(r.heard.on("devices/uno/n")); err != nil {
		t.Error(err)
	}

	p.kill()
	p = launch(t, file)
	r.await("devices/uno/n", some(r.heard.count("devices/uno/n")+20))
	if log := p.log.String(); strings.Contains(log, "connection lost") || r.kept()["devices/uno/note"] != 1 {
		t.Errorf("%v\n%s", r.kept(), log)
	}
}

// inOrderOnce returns an error unless all numbers from the first to the last arrived, each
// for the first time in order.
func inOrderOnce(payloads []string) error {
	next, err := strconv.Atoi(payloads[0])
	if err != nil {
		return err
	}
	for _, payload := range payloads {
		switch n, err := strconv.Atoi(payload); {
		case err != nil:
			return err
		case n > next:
			return fmt.Errorf("%d instead of %d", n, next)
		case n == next:
			next++
		}
	}
	return nil
}
