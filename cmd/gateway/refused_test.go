//go:build linux

package main

import (
	"strings"
	"testing"
	"time"

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
