package mqttbridge

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"arduino-gateway/device"
	"arduino-gateway/internal/mosquittotest"
	"arduino-gateway/internal/mqttconn"
	"arduino-gateway/internal/mqtttest"
)

// checkDelivery fails the test unless the numbers after from arrived in order, none
// missing, on the topic of the reading n. Those up to from may come before.
func checkDelivery(t *testing.T, seen []string, from, to uint64) {
	t.Helper()
	highest, again := from, 0
	for _, text := range seen {
		value, ok := strings.CutPrefix(text, "devices/uno/n ")
		if !ok {
			continue
		}
		number, err := strconv.ParseUint(value, 10, 64)
		switch {
		case err != nil:
			t.Fatal(err)
		case number == highest+1:
			highest = number
		case number > highest:
			t.Fatalf("%d after %d: lost or out of order", number, highest)
		default:
			again++
		}
	}
	if highest < to {
		t.Fatalf("%d of %d arrived", highest, to)
	}
	t.Logf("%d arrived, %d of them twice", highest-from, again)
}

// Over 20 cut connections nothing is lost, and nothing overtakes.
func TestSession_NetworkIsCut(t *testing.T) {
	const n, cuts = 20000, 20
	broker := mosquittotest.Start(t, "max_inflight_messages 0")
	listener := mqtttest.Listen(t, broker.URL())
	network := mosquittotest.NewNetwork(t, broker.URL())
	s := run(t, deviceOptions(network.URL()))
	seq := uint64(0)
	for range cuts {
		for range n / cuts {
			seq++
			s.source.Add(mqtttest.Numbered(seq))
		}
		at := s.source.Acked() + rand.IntN(n/cuts/2)
		mqtttest.Eventually(t, "progress", func() bool { return s.source.Acked() >= at })
		network.Cut()
	}
	mqtttest.Eventually(t, "all acknowledged", func() bool { return s.source.Acked() == n })
	mqtttest.Eventually(t, "all received", func() bool { return listener.Last() == fmt.Sprint("devices/uno/n ", n) })
	checkDelivery(t, listener.All(), 0, n)
	if losses := s.Stats().Losses; losses < cuts/2 {
		t.Errorf("only %d losses", losses)
	}
}

// After a kill of the broker everything that it did not acknowledge arrives again.
func TestSession_BrokerIsKilled(t *testing.T) {
	const n = 10000
	broker := mosquittotest.Start(t, "max_inflight_messages 0")
	network := mosquittotest.NewNetwork(t, broker.URL()) // lets the listener connect before the session
	listener := mqtttest.Listen(t, broker.URL(), func(o *mqtt.ClientOptions) { o.SetClientID("listener") })
	s := run(t, deviceOptions(network.URL()))
	s.waitConnected()
	for seq := uint64(1); seq <= n; seq++ {
		s.source.Add(mqtttest.Numbered(seq))
		if seq == n/2 {
			mqtttest.Eventually(t, "some acknowledged", func() bool { return s.source.Acked() > n/4 })
			broker.Kill()
			network.SetDown(true)
		}
	}
	mqtttest.Eventually(t, "loss noticed", func() bool { return !s.Stats().Connected })
	// What mosquitto had acknowledged and not yet delivered died with it: the rest must
	// begin no later than after that.
	acked := uint64(s.source.Acked())
	checkDelivery(t, listener.All(), 0, 1)
	broker.Restart()
	after := mqtttest.Listen(t, broker.URL())
	network.SetDown(false)
	mqtttest.Eventually(t, "all acknowledged", func() bool { return s.source.Acked() == n })
	mqtttest.Eventually(t, "all received", func() bool { return after.Last() == fmt.Sprint("devices/uno/n ", n) })
	checkDelivery(t, after.All(), acked, n)
}

// A broker that is away is one log line, and everything arrives when it is back.
func TestSession_BrokerIsAwayAtStart(t *testing.T) {
	broker := mosquittotest.Start(t)
	broker.Stop()
	s := run(t, deviceOptions(broker.URL()))
	s.SetOnline(true)
	s.source.Add(mqtttest.Numbered(1), mqtttest.Numbered(2))
	mqtttest.Eventually(t, "refusals", func() bool { return s.Stats().Refusals > 3 })
	if problem := s.Stats().Problem; !strings.Contains(problem, "connection refused (hint: is the broker running") {
		t.Error(problem)
	}
	broker.Restart()
	mqtttest.Eventually(t, "all acknowledged", func() bool { return s.source.Acked() == 2 })
	s.end()
	if n := s.log.Count("connection refused"); n != 1 {
		t.Errorf("logged %d times:\n%s", n, &s.log)
	}
	if problem := s.Stats().Problem; problem != "" {
		t.Error(problem)
	}
}

// The first broker that answers is used.
func TestSession_TriesBrokersInOrder(t *testing.T) {
	away, broker := mosquittotest.Start(t), mosquittotest.Start(t)
	away.Stop()
	s := run(t, deviceOptions(away.URL(), broker.URL()))
	s.waitConnected()
	if n := s.Stats().Refusals; n != 1 {
		t.Errorf("%d refusals", n)
	}
	s.end()
	away.Restart()
	broker.Stop()
	s = run(t, deviceOptions(away.URL(), broker.URL()))
	s.waitConnected()
}

// A stop publishes what the source holds, then offline.
func TestSession_StopDrains(t *testing.T) {
	const n = 5000
	broker := mosquittotest.Start(t)
	listener := mqtttest.Listen(t, broker.URL())
	s := run(t, deviceOptions(broker.URL()))
	s.SetOnline(true)
	s.waitConnected()
	for seq := uint64(1); seq <= n; seq++ {
		s.source.Add(mqtttest.Numbered(seq))
	}
	s.Result("led", device.Result{Status: device.Sent}, nil)
	s.end()
	if got := s.source.Acked(); got != n {
		t.Errorf("%d acknowledged", got)
	}
	mqtttest.Eventually(t, "offline at last", func() bool { return listener.Last() == "devices/uno/status offline" })
	checkDelivery(t, listener.All(), 0, n)
	listener.Wait(t, `devices/uno/result/led {"status":"sent","took_ms":0}`)
}

// With the broker away a stop does not wait.
func TestSession_StopWithBrokerAway(t *testing.T) {
	broker := mosquittotest.Start(t)
	broker.Stop()
	s := run(t, deviceOptions(broker.URL()), func(s *Session) {
		s.backoff = mqttconn.NewBackoff(time.Hour, time.Hour)
	})
	s.source.Add(mqtttest.Numbered(1))
	mqtttest.Eventually(t, "an attempt", func() bool { return s.Stats().Refusals > 0 })
	begin := time.Now()
	s.end()
	if took := time.Since(begin); took > 5*time.Second {
		t.Error(took)
	}
}

// At QoS 0 a line is acknowledged when it was written.
func TestSession_QoS0(t *testing.T) {
	const n = 5000
	broker := mosquittotest.Start(t)
	listener := mqtttest.Listen(t, broker.URL())
	o := deviceOptions(broker.URL())
	o.QoS = 0
	s := run(t, o)
	for seq := uint64(1); seq <= n; seq++ {
		s.source.Add(mqtttest.Numbered(seq))
	}
	mqtttest.Eventually(t, "all handed over", func() bool { return s.source.Acked() == n })
	mqtttest.Eventually(t, "all received", func() bool { return listener.Last() == fmt.Sprint("devices/uno/n ", n) })
	checkDelivery(t, listener.All(), 0, n)
}

// Old lines must not trigger what listens to the live topics.
func TestSession_LateLines(t *testing.T) {
	broker := mosquittotest.Start(t)
	listener := mqtttest.Listen(t, broker.URL())
	o := deviceOptions(broker.URL())
	o.StatusTopic, o.Retain, o.LateAfter = "", true, time.Hour
	s := run(t, o)
	n := []device.Reading{{Name: "n", Value: "1"}}
	s.source.Add(device.Line{Seq: 1, Time: time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC), Readings: n},
		device.Line{Seq: 2, Time: time.Now(), Readings: n},
		device.Line{Seq: 3, Readings: n}, // of unknown age
		device.Line{Seq: 4, Age: 2 * time.Hour, Readings: n})
	mqtttest.Eventually(t, "all acknowledged", func() bool { return s.source.Acked() == 4 })
	s.end()
	want := []string{`devices/uno/late {"n":1,"time":"2026-01-02T03:04:05.678Z","seq":1}`,
		"devices/uno/n 1", "devices/uno/n 1", `devices/uno/late {"n":1,"seq":4}`}
	mqtttest.Eventually(t, "all received", func() bool { return len(listener.All()) >= len(want) })
	if !slices.Equal(listener.All(), want) {
		t.Errorf("%q, want %q", listener.All(), want)
	}
	if got := s.Stats().LateLines; got != 2 {
		t.Errorf("%d late lines", got)
	}
}

// Each payload has its topics and its retain flag.
func TestSession_Payloads(t *testing.T) {
	broker := mosquittotest.Start(t)
	line := device.Line{Seq: 17, Time: time.Date(2026, 1, 2, 4, 4, 5, 678e6, time.FixedZone("", 3600)),
		Readings: []device.Reading{{Name: "temperature", Value: "23.50"}, {Name: "time", Value: "late"}}}
	value := []string{"devices/uno/temperature 23.50", "devices/uno/time late"}
	object := []string{`devices/uno {"temperature":23.50,"time_":"late","time":"2026-01-02T03:04:05.678Z","seq":17}`}
	for payload, want := range map[Payload][]string{
		"": value, PayloadValue: value, PayloadJSON: object, PayloadBoth: slices.Concat(value, object),
	} {
		listener := mqtttest.Listen(t, broker.URL())
		o := deviceOptions(broker.URL())
		o.Payload, o.StatusTopic, o.Retain = payload, "", payload == PayloadBoth
		s := run(t, o)
		s.source.Add(device.Line{Seq: 16}, line, device.Line{Seq: 18}) // lines without readings are acknowledged
		mqtttest.Eventually(t, "all acknowledged", func() bool { return s.source.Acked() == 3 })
		s.end()
		mqtttest.Eventually(t, "all received", func() bool { return len(listener.All()) >= len(want) })
		if !slices.Equal(listener.All(), want) {
			t.Errorf("%q: %q, want %q", payload, listener.All(), want)
		}
		listener.Disconnect(250)
		if o.Retain {
			mqtttest.Listen(t, broker.URL()).Wait(t, "retained "+value[0])
		}
		broker.Restart() // forgets what it has retained
	}
}
