//go:build linux

package main

import (
	"fmt"
	"testing"
	"time"

	"arduino-gateway/internal/ser2nettest"
	"arduino-gateway/simulator"
)

// TestRun_BoardsBehindAServer has two boards at a real ser2net, one raw and one with
// RFC 2217. Readings come, commands go, and the status is right while the server is
// away.
func TestRun_BoardsBehindAServer(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	devices := ""
	servers := map[string]*ser2nettest.Server{}
	for id, accepter := range map[string]string{"raw": ser2nettest.Raw, "telnet": ser2nettest.RFC2217} {
		board := simulator.New(t, simulator.Spec{Name: id, Every: 50 * time.Millisecond, Line: "n={tick},led={led}",
			State:    []simulator.Variable{{Name: "led", Value: "off"}},
			Commands: []simulator.Command{{On: "led={value}", Set: "led"}}})
		servers[id] = ser2nettest.Start(t, accepter, board.Path())
		scheme := map[string]string{"raw": "tcp", "telnet": "rfc2217"}[id]
		devices += fmt.Sprintf("  %s: {port: %q, commands: {led: {type: bool}}}\n", id, scheme+"://"+servers[id].Addr())
	}
	r.start(devices)
	for id, server := range servers {
		topic := "devices/" + id
		r.await(topic+"/status", ending("online"))
		r.await(topic+"/led", ending("off"))
		r.publish(topic+"/set/led", "on")
		r.await(topic+"/result/led", some(1))
		r.await(topic+"/led", ending("on"))
		server.Kill()
		r.await(topic+"/status", ending("offline"))
		before := r.heard.count(topic + "/n")
		server.Restart()
		r.await(topic+"/status", ending("online"))
		r.await(topic+"/n", some(before+2))
	}
}
