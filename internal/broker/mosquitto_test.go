package broker

import (
	"fmt"
	"net"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"arduino-gateway/internal/mqtttest"
)

// mosquitto prepares one of the mosquitto clients, which the tests need as they
// need Go itself.
func mosquitto(t *testing.T, b *Broker, tool string, args ...string) *exec.Cmd {
	t.Helper()
	host, port, err := net.SplitHostPort(b.Addr())
	if err != nil {
		t.Fatal(err)
	}
	return exec.CommandContext(t.Context(), tool, append([]string{"-h", host, "-p", port}, args...)...)
}

// The mosquitto clients of the documentation can log in and exchange messages.
func TestBroker_MosquittoClients(t *testing.T) {
	b := start(t, map[string]string{"pi": cheapHash(t, "s3cret")})
	login := []string{"-u", "pi", "-P", "s3cret"}
	for _, version := range []string{"mqttv31", "mqttv311", "mqttv5"} {
		t.Run(version, func(t *testing.T) {
			pub := mosquitto(t, b, "mosquitto_pub", append(login, "-V", version, "-q", "1", "-r", "-t", "devices/a/t", "-m", "23.50")...)
			if out, err := pub.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			sub := mosquitto(t, b, "mosquitto_sub", append(login, "-V", version, "-q", "1", "-v", "-t", "devices/#", "-C", "1", "-W", "10")...)
			if out, err := sub.CombinedOutput(); err != nil || string(out) != "devices/a/t 23.50\n" {
				t.Fatalf("mosquitto_sub printed %q, %v", out, err)
			}
			refused := mosquitto(t, b, "mosquitto_pub", "-V", version, "-t", "t", "-m", "x")
			if out, err := refused.CombinedOutput(); err == nil || !strings.Contains(strings.ToLower(string(out)), "not authori") && !strings.Contains(strings.ToLower(string(out)), "bad user") {
				t.Fatalf("anonymous mosquitto_pub: %v, %q", err, out)
			}
		})
	}
}

// The will of a real client follows when it is killed (SIGKILL).
func TestBroker_MosquittoKilled(t *testing.T) {
	b := start(t, nil)
	got := subscribe(t, connect(t, options(b, "reader")), "devices/a/status", 1, 1)
	victim := mosquitto(t, b, "mosquitto_sub", "-i", "victim", "-t", "x",
		"--will-topic", "devices/a/status", "--will-payload", "offline", "--will-retain")
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	mqtttest.Eventually(t, "two subscriptions", func() bool { return atomic.LoadInt64(&b.server.Info.Subscriptions) == 2 })
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	want(t, got, "devices/a/status=offline")
	_ = victim.Wait() // reports that it was killed
}

// A subscriber that never reads stops no other client, and its ID can be taken over.
func TestBroker_StuckSubscriber(t *testing.T) {
	b := start(t, nil)
	stuck := rawV5(t, b, "stuck")
	defer stuck.Close()
	// SUBSCRIBE, packet 1, no properties, filter "#", QoS 0
	if _, err := stuck.Write([]byte{0x82, 7, 0, 1, 0, 0, 1, '#', 0}); err != nil {
		t.Fatal(err)
	}
	writer := connect(t, options(b, "writer"))
	payload := strings.Repeat("x", 200<<10)
	for range 300 { // 60 MB
		wait(t, writer.Publish("t", 1, false, payload))
	}
	began := time.Now()
	got := subscribe(t, connect(t, options(b, "stuck")), "u", 1, 1)
	wait(t, writer.Publish("u", 1, false, "x"))
	want(t, got, "u=x")
	if took := time.Since(began); took > takeoverTime {
		t.Fatalf("taking over from a stuck client took %v", took)
	}
}

// A packet above the limit closes its connection and no other.
func TestBroker_PacketAboveLimit(t *testing.T) {
	b := start(t, nil)
	c := connect(t, options(b, "big"))
	c.Publish("t", 0, false, strings.Repeat("x", maxPacket)).WaitTimeout(patience)
	mqtttest.Eventually(t, "a closed connection", func() bool { return !c.IsConnectionOpen() })
	wait(t, connect(t, options(b, "other")).Publish("t", 1, false, "x"))
}

// An MQTT 5 subscriber with a receive maximum, and several publishers: the library
// alone deadlocks within some thousand messages.
func TestBroker_ReceiveMaximum(t *testing.T) {
	b := start(t, nil)
	sub := mosquitto(t, b, "mosquitto_sub", "-V", "mqttv5", "-D", "connect", "receive-maximum", "1000", "-q", "1", "-t", "t")
	if err := sub.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = sub.Process.Kill()
		_ = sub.Wait() // reports that it was killed
	}()
	mqtttest.Eventually(t, "a subscription", func() bool { return atomic.LoadInt64(&b.server.Info.Subscriptions) == 1 })
	var writers sync.WaitGroup
	for i := range 4 {
		w := connect(t, options(b, fmt.Sprint("writer", i)))
		writers.Go(func() {
			for range 3000 {
				if token := w.Publish("t", 1, false, "x"); !token.WaitTimeout(patience) {
					t.Error("a publisher gets no PUBACK any more")
					return
				}
			}
		})
	}
	writers.Wait()
}
