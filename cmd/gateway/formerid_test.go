//go:build linux

package main

import (
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// With clean_session: false, the broker keeps a session under the client ID. After the ID
// has changed, in a reload or while the gateway was stopped, the session of the former ID
// is ended: else it would collect commands, and they would run again when the ID comes
// back.
func TestRun_EndsTheSessionOfAFormerClientID(t *testing.T) {
	t.Parallel()
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprintf("restart=%t", restart), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.mqtt = ", clean_session: false"
			device := func(id string) string {
				return fmt.Sprintf("  board: {port: /dev/none, client_id: %s}\n", id)
			}
			file := r.configure(device("former"))
			p := launch(t, file)
			r.broker.WaitLog("Sending SUBACK to former")
			if restart {
				p.terminate(t)
			}
			r.configure(device("present"))
			if restart {
				p = launch(t, file)
			}
			p.log.Await(t, "session of the former client ID ended", "client_id=former")
			r.awaitMemory("devices/gateway/rig", "devices/board")
			sub := exec.CommandContext(testContext(t), "mosquitto_sub", "-h", "127.0.0.1", "-p", strconv.Itoa(r.broker.Port), "-c", "-i", "former", "-q", "1", "-t", "nothing", "-W", "1")
			_ = sub.Run() // it times out
			if log := r.broker.Log(); !strings.Contains(log, "Sending CONNACK to former (0, 0)") || strings.Contains(log, "Sending CONNACK to former (1, 0)") {
				t.Error("the broker still has the session")
			}
		})
	}
}
