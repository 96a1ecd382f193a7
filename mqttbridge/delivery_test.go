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
)

// checkDelivery fails unless the numbers behind from first arrived in order,
// none missing, on the topic of the reading n. Those up to from may come before.
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

func TestTheNetworkIsCutInRandomPlaces(t *testing.T) {
	const n, cuts = 20000, 20
	broker := mosquittotest.Start(t, "max_inflight_messages 0")
	ear := listen(t, broker.URL())
	network := mosquittotest.NewNetwork(t, broker.URL())
	s := run(t, deviceOptions(network.URL()))
	seq := uint64(0)
	for range cuts {
		for range n / cuts {
			seq++
			s.source.add(numbered(seq))
		}
		at := s.source.ackedLines() + rand.IntN(n/cuts/2)
		eventually(t, "progress", func() bool { return s.source.ackedLines() >= at })
		network.Cut()
	}
	eventually(t, "all acknowledged", func() bool { return s.source.ackedLines() == n })
	eventually(t, "all heard", func() bool { return ear.last() == fmt.Sprint("devices/uno/n ", n) })
	checkDelivery(t, ear.all(), 0, n)
	if losses := s.Stats().Losses; losses < cuts/2 {
		t.Errorf("only %d losses", losses)
	}
}

func TestTheBrokerIsKilledAndComesBack(t *testing.T) {
	const n = 10000
	broker := mosquittotest.Start(t, "max_inflight_messages 0")
	network := mosquittotest.NewNetwork(t, broker.URL()) // lets the ear listen before the session is back
	ear := listen(t, broker.URL(), func(o *mqtt.ClientOptions) { o.SetClientID("ear") })
	s := run(t, deviceOptions(network.URL()))
	s.waitConnected()
	for seq := uint64(1); seq <= n; seq++ {
		s.source.add(numbered(seq))
		if seq == n/2 {
			eventually(t, "some acknowledged", func() bool { return s.source.ackedLines() > n/4 })
			broker.Kill()
			network.SetDown(true)
		}
	}
	eventually(t, "loss noticed", func() bool { return !s.Stats().Connected })
	// What mosquitto had acknowledged and not yet passed on died with it: the
	// second half of the story has to begin no later than behind that.
	acked := uint64(s.source.ackedLines())
	checkDelivery(t, ear.all(), 0, 1)
	broker.Restart()
	after := listen(t, broker.URL())
	network.SetDown(false)
	eventually(t, "all acknowledged", func() bool { return s.source.ackedLines() == n })
	eventually(t, "all heard", func() bool { return after.last() == fmt.Sprint("devices/uno/n ", n) })
	checkDelivery(t, after.all(), acked, n)
}

func TestTheBrokerIsAwayAtTheStart(t *testing.T) {
	broker := mosquittotest.Start(t)
	broker.Stop()
	s := run(t, deviceOptions(broker.URL()))
	s.SetOnline(true)
	s.source.add(numbered(1), numbered(2))
	eventually(t, "refusals", func() bool { return s.Stats().Refusals > 3 })
	if problem := s.Stats().Problem; !strings.Contains(problem, "connection refused (hint: is the broker running") {
		t.Error(problem)
	}
	broker.Restart()
	eventually(t, "all acknowledged", func() bool { return s.source.ackedLines() == 2 })
	s.end()
	if n := s.log.Count("connection refused"); n != 1 {
		t.Errorf("told %d times:\n%s", n, &s.log)
	}
	if problem := s.Stats().Problem; problem != "" {
		t.Error(problem)
	}
}

func TestBrokersAreTriedInOrder(t *testing.T) {
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

func TestStopSendsWhatIsInHand(t *testing.T) {
	const n = 5000
	broker := mosquittotest.Start(t)
	ear := listen(t, broker.URL())
	s := run(t, deviceOptions(broker.URL()))
	s.SetOnline(true)
	s.waitConnected()
	for seq := uint64(1); seq <= n; seq++ {
		s.source.add(numbered(seq))
	}
	s.Result("led", device.Result{Status: device.Sent}, nil)
	s.end()
	if got := s.source.ackedLines(); got != n {
		t.Errorf("%d acknowledged", got)
	}
	eventually(t, "offline at last", func() bool { return ear.last() == "devices/uno/status offline" })
	checkDelivery(t, ear.all(), 0, n)
	ear.wait(t, `devices/uno/result/led {"status":"sent","took_ms":0}`)
}

func TestStopIsAtOnceWithTheBrokerAway(t *testing.T) {
	broker := mosquittotest.Start(t)
	broker.Stop()
	s := run(t, deviceOptions(broker.URL()), func(s *Session) {
		s.backoff = backoff{min: time.Hour, max: time.Hour}
	})
	s.source.add(numbered(1))
	eventually(t, "an attempt", func() bool { return s.Stats().Refusals > 0 })
	begin := time.Now()
	s.end()
	if took := time.Since(begin); took > 5*time.Second {
		t.Error(took)
	}
}

func TestQoS0IsHandedOverAndForgotten(t *testing.T) {
	const n = 5000
	broker := mosquittotest.Start(t)
	ear := listen(t, broker.URL())
	o := deviceOptions(broker.URL())
	o.QoS = 0
	s := run(t, o)
	for seq := uint64(1); seq <= n; seq++ {
		s.source.add(numbered(seq))
	}
	eventually(t, "all handed over", func() bool { return s.source.ackedLines() == n })
	eventually(t, "all heard", func() bool { return ear.last() == fmt.Sprint("devices/uno/n ", n) })
	checkDelivery(t, ear.all(), 0, n)
}

// A drained backlog must not set off what listens to the live topics.
func TestLateLinesHaveATopicOfTheirOwn(t *testing.T) {
	broker := mosquittotest.Start(t)
	ear := listen(t, broker.URL())
	o := deviceOptions(broker.URL())
	o.StatusTopic, o.Retain, o.LateAfter = "", true, time.Hour
	s := run(t, o)
	n := []device.Reading{{Name: "n", Value: "1"}}
	s.source.add(device.Line{Seq: 1, Time: time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC), Readings: n},
		device.Line{Seq: 2, Time: time.Now(), Readings: n},
		device.Line{Seq: 3, Readings: n}, // of unknown age
		device.Line{Seq: 4, Age: 2 * time.Hour, Readings: n})
	eventually(t, "all acknowledged", func() bool { return s.source.ackedLines() == 4 })
	s.end()
	want := []string{`devices/uno/late {"n":1,"time":"2026-01-02T03:04:05.678Z","seq":1}`,
		"devices/uno/n 1", "devices/uno/n 1", `devices/uno/late {"n":1,"seq":4}`}
	eventually(t, "all heard", func() bool { return len(ear.all()) >= len(want) })
	if !slices.Equal(ear.all(), want) {
		t.Errorf("%q, want %q", ear.all(), want)
	}
	if got := s.Stats().LateLines; got != 2 {
		t.Errorf("%d late lines", got)
	}
}

func TestPayloadShapes(t *testing.T) {
	broker := mosquittotest.Start(t)
	line := device.Line{Seq: 17, Time: time.Date(2026, 1, 2, 4, 4, 5, 678e6, time.FixedZone("", 3600)),
		Readings: []device.Reading{{Name: "temperature", Value: "23.50"}, {Name: "time", Value: "late"}}}
	value := []string{"devices/uno/temperature 23.50", "devices/uno/time late"}
	object := []string{`devices/uno {"temperature":23.50,"time_":"late","time":"2026-01-02T03:04:05.678Z","seq":17}`}
	for payload, want := range map[string][]string{
		"": value, PayloadValue: value, PayloadJSON: object, PayloadBoth: slices.Concat(value, object),
	} {
		ear := listen(t, broker.URL())
		o := deviceOptions(broker.URL())
		o.Payload, o.StatusTopic, o.Retain = payload, "", payload == PayloadBoth
		s := run(t, o)
		s.source.add(device.Line{Seq: 16}, line, device.Line{Seq: 18}) // lines without readings are acknowledged
		eventually(t, "all acknowledged", func() bool { return s.source.ackedLines() == 3 })
		s.end()
		eventually(t, "all heard", func() bool { return len(ear.all()) >= len(want) })
		if !slices.Equal(ear.all(), want) {
			t.Errorf("%q: %q, want %q", payload, ear.all(), want)
		}
		ear.Disconnect(250)
		if o.Retain {
			listen(t, broker.URL()).wait(t, "retained "+value[0])
		}
		broker.Restart() // forgets what it has retained
	}
}
