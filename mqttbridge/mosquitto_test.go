package mqttbridge

import (
	"slices"
	"strings"
	"testing"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/mosquittotest"
	"arduino-gateway/internal/mqtttest"
)

// A reading out, a command in, its result back, and offline at the end.
func TestSession_UpAndDown(t *testing.T) {
	broker := mosquittotest.Start(t)
	listener := mqtttest.Listen(t, broker.URL())
	s := run(t, deviceOptions(broker.URL()))
	listener.Wait(t, "devices/uno/status offline") // not yet set online
	s.SetOnline(true)
	listener.Wait(t, "devices/uno/status online")

	s.source.Add(device.Line{Time: time.Now(), Seq: 1, Readings: []device.Reading{
		{Name: "temperature", Value: "23.50"}, {Name: "status", Value: "ok"}}})
	listener.Wait(t, "devices/uno/temperature 23.50")
	listener.Wait(t, "devices/uno/status_ ok")

	mqtttest.Must(t, listener.Publish("devices/uno/set/led", 1, false, "on"))
	mqtttest.Eventually(t, "the command", func() bool { return len(s.recorded.got()) == 1 })
	m := s.recorded.got()[0]
	if m.Command != "led" || string(m.Payload) != "on" || m.Retained || m.QoS != 1 || m.Topic != "devices/uno/set/led" {
		t.Errorf("%+v", m)
	}
	s.Result("led", device.Result{Status: device.Done, Value: "on", Took: 12 * time.Millisecond}, nil)
	listener.Wait(t, `devices/uno/result/led {"status":"done","value":"on","took_ms":12}`)

	s.end()
	mqtttest.Eventually(t, "offline at last", func() bool { return strings.HasSuffix(listener.Last(), "/status offline") })
	if want := []string{"connected false", "disconnected <nil>"}; !slices.Equal(s.recorded.all(), want) {
		t.Errorf("%q, want %q", s.recorded.all(), want)
	}
	broker.WaitLog("Received UNSUBSCRIBE from uno")
	broker.WaitLog("Received DISCONNECT from uno")
	if n := strings.Count(broker.Log(), "New client connected from"); n < 2 {
		t.Error(n)
	}
}

// If the status is offline already, a stop does not publish it again.
func TestSession_OfflineIsPublishedOnce(t *testing.T) {
	broker := mosquittotest.Start(t)
	listener := mqtttest.Listen(t, broker.URL())
	s := run(t, deviceOptions(broker.URL()))
	s.SetOnline(true)
	listener.Wait(t, "devices/uno/status online")
	s.SetOnline(false)
	s.end()
	broker.WaitLog("Received DISCONNECT from uno")
	mqtttest.Must(t, listener.Publish("end", 1, false, ""))
	listener.Wait(t, "end ")
	all := strings.Join(listener.All(), "\n")
	if _, after, _ := strings.Cut(all, "status online"); after != "\ndevices/uno/status offline\nend " {
		t.Error(all)
	}
}

// Topics that cannot name a command reach the handler, which answers them.
func TestSession_OddCommandTopics(t *testing.T) {
	broker := mosquittotest.Start(t)
	listener := mqtttest.Listen(t, broker.URL())
	s := run(t, deviceOptions(broker.URL()))
	mqtttest.Eventually(t, "the subscription", func() bool { return s.Stats().Subscribed })
	for _, topic := range []string{"set", "set/", "set/led/on"} {
		mqtttest.Must(t, listener.Publish("devices/uno/"+topic, 1, false, "1"))
	}
	mqtttest.Eventually(t, "three", func() bool { return len(s.recorded.got()) == 3 })
	for i, want := range []string{"", "", "led/on"} {
		if got := s.recorded.got()[i].Command; got != want {
			t.Errorf("%q, want %q", got, want)
		}
		s.Result(s.recorded.got()[i].Command, device.Result{Status: device.Rejected}, nil)
	}
	listener.Wait(t, `devices/uno/result/ {"status":"rejected","took_ms":0}`)
	listener.Wait(t, `devices/uno/result/led/on {"status":"rejected","took_ms":0}`)
}

// Other client ID and topics: nothing is lost or published twice.
func TestSession_Reconfigure(t *testing.T) {
	broker := mosquittotest.Start(t)
	listener := mqtttest.Listen(t, broker.URL())
	s := run(t, deviceOptions(broker.URL()))
	s.SetOnline(true)
	s.source.Add(mqtttest.Numbered(1))
	listener.Wait(t, "devices/uno/n 1")
	listener.Wait(t, "devices/uno/status online")

	o := deviceOptions(broker.URL())
	o.ClientID, o.Topic, o.StatusTopic = "due", "home/due", "home/due/status"
	s.Reconfigure(deviceOptions(broker.URL())) // the later one counts
	s.Reconfigure(o)
	s.source.Add(mqtttest.Numbered(2))
	listener.Wait(t, "devices/uno/status offline")
	listener.Wait(t, "home/due/status online")
	mqtttest.Eventually(t, "all acknowledged", func() bool { return s.source.Acked() == 2 })
	if all := strings.Join(listener.All(), "\n"); strings.Count(all, "/n 2") != 1 {
		t.Error(all)
	}
	broker.WaitLog("Received DISCONNECT from uno")
	mqtttest.Must(t, listener.Publish("home/due/set/led", 1, false, "on"))
	mqtttest.Eventually(t, "the command", func() bool { return len(s.recorded.got()) == 1 })

	broker.Stop()
	mqtttest.Eventually(t, "loss", func() bool { return !s.Stats().Connected })
	s.Result("led", device.Result{Status: device.Sent}, nil)
	s.Reconfigure(deviceOptions(broker.URL()))
	broker.Restart()
	broker.WaitLog("'devices/uno/result/led'") // it may arrive before a listener subscribes
}

// Reconfigure works before Run, too.
func TestSession_ReconfigureBeforeRun(t *testing.T) {
	broker := mosquittotest.Start(t)
	run(t, deviceOptions(), func(s *Session) { s.Reconfigure(deviceOptions(broker.URL())) }).waitConnected()
}

// mosquitto refuses the subscription, and grants it later: the session gets it on the same
// connection, and is offline until then.
func TestSession_GrantedLater(t *testing.T) {
	broker := mosquittotest.Start(t, mosquittotest.RefuseSubscriptions(t)...)
	listener := mqtttest.Listen(t, broker.URL())
	s := run(t, deviceOptions(broker.URL()), func(s *Session) { s.SetOnline(true) })
	s.log.Await(t, "not subscribed", "devices/uno/set/#: the broker refuses the subscription (hint: ")
	listener.Wait(t, "devices/uno/status offline")
	s.source.Add(mqtttest.Numbered(1))
	listener.Wait(t, "devices/uno/n 1")
	broker.GrantSubscriptions()
	listener.Wait(t, "devices/uno/status online")
	s.log.Await(t, "level=INFO", "msg=subscribed")
	mqtttest.Must(t, listener.Publish("devices/uno/set/led", 1, false, "on"))
	mqtttest.Eventually(t, "the command", func() bool { return len(s.recorded.got()) == 1 })
	if got := s.Stats(); got.Connects != 1 || got.Problems != nil || !got.Subscribed {
		t.Errorf("%+v", got)
	}
}

// A session that the broker has kept is subscribed again: the broker may have lost the
// subscription.
func TestSession_SubscribesToAKeptSession(t *testing.T) {
	broker := mosquittotest.Start(t)
	o := deviceOptions(broker.URL())
	o.CleanSession = false
	for connection := range 2 {
		s := run(t, o)
		mqtttest.Eventually(t, "the subscription", func() bool { return s.Stats().Subscribed })
		s.end()
		if n := strings.Count(broker.Log(), "devices/uno/set/# (QoS 1)"); n != connection+1 {
			t.Errorf("%d SUBSCRIBE after %d connections", n, connection+1)
		}
	}
}
