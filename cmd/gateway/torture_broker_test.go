//go:build linux

package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"arduino-gateway/internal/mosquittotest"
)

// TestTorture_Outages stops the broker again and again in a steady stream.
func TestTorture_Outages(t *testing.T) {
	t.Parallel()
	r := newKeptRig(t)
	boards := streams(t, 16, 20*time.Millisecond)
	launch(t, r.configure(devicesFor(boards...)))
	r.awaitEach(boards, 3)
	outages := often(3, 50)
	for range outages {
		time.Sleep(rand.N(400 * time.Millisecond)) // when it strikes is left to chance
		r.broker.Stop()
		time.Sleep(rand.N(400 * time.Millisecond))
		r.broker.Restart()
		r.awaitEach(boards[:1], 1)
	}
	c := r.finish(boards)
	c.twice = received(r.broker.Log()) - c.delivered
	c.row(fmt.Sprintf("broker stopped %d times, 16 boards", outages), "")
	c.sound(t)
	r.expectNothingAside()
}

// received counts the numbered lines that reached the broker, by its log:
//
//	Received PUBLISH from rig-board03 (d0, q1, r0, m32770, 'devices/board03/n', ... (1 bytes))
//
// The listener's count would be too high: after a restart mosquitto sends it again what
// it had acknowledged.
func received(log string) (n int) {
	for line := range strings.Lines(log) {
		if strings.Contains(line, "Received PUBLISH from rig-board") && strings.Contains(line, "/n'") {
			n++
		}
	}
	return n
}

// cutAfter returns a number of bytes: sometimes within the handshake, mostly within a
// PUBLISH or PUBACK.
func cutAfter() int64 {
	if rand.N(10) == 0 {
		return 1 + rand.N[int64](150)
	}
	return 150 + rand.N[int64](3000)
}

// TestTorture_Cuts cuts each connection after a random number of bytes.
func TestTorture_Cuts(t *testing.T) {
	t.Parallel()
	cuts(t, newRig(t), "", often(20, 500))
}

// TestTorture_CutsOfAKeptSession does the same to sessions that the broker keeps. What it
// did not acknowledge comes with the DUP flag.
func TestTorture_CutsOfAKeptSession(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	cuts(t, r, ", clean_session: false", often(20, 200))
	if !strings.Contains(r.broker.Log(), "Received PUBLISH from rig-board00 (d1, q1, ") {
		t.Error("no message of the first board came with DUP")
	}
}

// cuts cuts the connections of eight boards so many times.
func cuts(t *testing.T, r *rig, mqtt string, most int) {
	network := mosquittotest.NewNetwork(t, r.broker.URL())
	network.SetLimit(cutAfter)
	boards := streams(t, 8, 20*time.Millisecond)
	r.via, r.mqtt = network.URL(), mqtt+", reconnect: {max_delay: 500ms}"
	launch(t, r.configure(devicesFor(boards...)))
	for begin := time.Now(); network.Cuts() < most; {
		r.awaitEach(boards[:1], 1)
		if time.Since(begin) > time.Duration(most)*patience {
			t.Fatalf("only %d cuts", network.Cuts())
		}
	}
	network.SetLimit(nil)
	network.Cut()
	c := r.finish(boards)
	c.row(fmt.Sprintf("connection cut at a random byte %d times%s", network.Cuts(), strings.ReplaceAll(mqtt, ", clean_session: false", ", kept session")), "")
	c.sound(t)
	r.expectNothingAside()
}
