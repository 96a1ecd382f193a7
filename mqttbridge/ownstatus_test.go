package mqttbridge

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"arduino-gateway/internal/mosquittotest"
	"arduino-gateway/internal/mqtttest"
	"arduino-gateway/internal/publisher"
)

// script is a session's view of its own status, with time as data.
type script struct {
	ownStatus
	now  time.Time
	said publisher.Said
}

func newScript() *script {
	s := &script{ownStatus: ownStatus{echoTime: echoTime}, now: time.Unix(1e9, 0)}
	s.connected()
	s.granted(s.now)
	s.say(publisher.Online)
	return s
}

// say publishes a status.
func (s *script) say(status string) {
	s.said = publisher.Said{Status: status, Count: s.said.Count + 1, Acked: true, Unseen: true}
	s.published(s.now)
}

// hear brings a message; ours brings back what was said.
func (s *script) hear(status string, ours, retained bool) {
	if ours {
		s.said.Unseen = false
	}
	s.came(s.now, status, ours, retained)
}

// next goes on to what is due within the time, and judges it.
func (s *script) next(within time.Duration) (j judgement, due bool) {
	if s.due.IsZero() || s.due.Sub(s.now) > within {
		s.now = s.now.Add(within)
		return j, false
	}
	s.now = latest(s.now, s.due)
	j = s.judge(s.now, s.said)
	if j.repeat {
		s.say(s.said.Status)
	}
	return j, true
}

// A status that came back needs nothing, for ever.
func TestOwnStatus_Delivered(t *testing.T) {
	s := newScript()
	s.hear(publisher.Offline, false, true) // what was retained before
	s.hear(publisher.Online, true, false)
	if j, due := s.next(echoTime); !due || j.repeat || !j.delivered {
		t.Errorf("%+v", j)
	}
	if j, due := s.next(time.Hour); due {
		t.Errorf("%+v", j)
	}
}

// A late offline is corrected at once.
func TestOwnStatus_LateWill(t *testing.T) {
	s := newScript()
	s.hear(publisher.Online, true, false)
	s.next(echoTime)
	s.hear(publisher.Offline, false, false)
	if j, due := s.next(0); !due || !j.repeat {
		t.Errorf("%+v, due %t", j, due)
	}
	s.hear(publisher.Online, true, false)
	if j, _ := s.next(time.Hour); j.repeat || !j.delivered {
		t.Errorf("%+v", j)
	}
}

// Two that correct each other do it more and more seldom, and one that stops does not
// stay wrong for longer than the longest pause.
func TestOwnStatus_PausesGrow(t *testing.T) {
	s := newScript()
	s.hear(publisher.Online, true, false)
	s.next(echoTime)
	begin, repeats, inTwoMinutes := s.now, 0, 0
	for s.now.Sub(begin) < time.Hour {
		s.hear(publisher.Offline, false, false)
		j, due := s.next(repeatMax)
		if !due {
			t.Fatal("nothing is due")
		}
		if j.repeat {
			repeats++
			s.hear(publisher.Online, true, false)
		}
		if s.now.Sub(begin) <= 2*time.Minute {
			inTwoMinutes = repeats
		}
	}
	if inTwoMinutes > 6 || repeats < 12 || repeats > 20 {
		t.Errorf("%d repetitions in two minutes, %d in an hour", inTwoMinutes, repeats)
	}
}

// A new connection corrects its status at once, however often the one before did.
func TestOwnStatus_NewConnection(t *testing.T) {
	s := newScript()
	for range 10 {
		s.hear(publisher.Offline, false, false)
		s.next(repeatMax)
	}
	s.connected()
	s.granted(s.now)
	s.hear(publisher.Offline, false, false)
	if j, due := s.next(0); !due || !j.repeat {
		t.Errorf("%+v, due %t", j, due)
	}
}

// A status that does not come back is published again, then reported, and the report
// ends when one comes back.
func TestOwnStatus_Lost(t *testing.T) {
	s := newScript()
	var lost []bool
	for range 3 {
		j, due := s.next(repeatMax)
		if !due || !j.repeat {
			t.Fatalf("%+v", j)
		}
		lost = append(lost, j.lost)
	}
	if got := fmt.Sprint(lost); got != "[false true true]" {
		t.Error(got)
	}
	s.hear(publisher.Online, true, false)
	if j, due := s.next(0); !due || !j.delivered || j.lost {
		t.Errorf("%+v, due %t", j, due)
	}
}

// A broker that has not acknowledged the status, or refuses the subscription, says
// nothing about delivery.
func TestOwnStatus_Unknown(t *testing.T) {
	slow := newScript()
	slow.said.Acked = false
	deaf := newScript()
	deaf.connected()
	deaf.say(publisher.Offline)
	for range 10 {
		for name, s := range map[string]*script{"slow": slow, "deaf": deaf} {
			if j, _ := s.next(time.Minute); j != (judgement{}) {
				t.Errorf("%s: %+v", name, j)
			}
		}
	}
}

// Another client that says online again and again is reported until it is quiet. A
// retained message is none: it may be of the session before.
func TestOwnStatus_Strangers(t *testing.T) {
	s := newScript()
	s.hear(publisher.Online, true, false)
	for range strangeStatuses {
		s.hear(publisher.Online, false, true)
	}
	if s.strangers {
		t.Fatal("retained messages count")
	}
	for range strangeStatuses {
		s.hear(publisher.Online, false, false)
	}
	if s.next(0); !s.strangers {
		t.Fatal("not noticed")
	}
	s.connected() // a new connection does not end it
	s.granted(s.now)
	s.said = publisher.Said{}
	s.say(publisher.Online)
	s.hear(publisher.Online, true, false)
	s.next(echoTime)
	if s.next(calmAfter - time.Minute); !s.strangers {
		t.Fatal("forgotten too early")
	}
	if s.next(calmAfter); s.strangers {
		t.Error("never forgotten")
	}
}

// hasty shortens the wait for a status that does not come back.
func hasty(s *Session) { s.status.own.echoTime = 100 * time.Millisecond }

// A late will makes the status wrong: the session corrects it, and counts no command.
func TestSession_CorrectsItsStatus(t *testing.T) {
	broker := mosquittotest.Start(t)
	listener := mqtttest.Listen(t, broker.URL())
	s := run(t, deviceOptions(broker.URL()), hasty)
	s.SetOnline(true)
	listener.Wait(t, "devices/uno/status online")
	mqtttest.Eventually(t, "the subscription", func() bool { return s.Stats().Subscribed })
	for range 2 {
		mqtttest.Must(t, listener.Publish("devices/uno/status", 1, true, publisher.Offline))
		listener.Wait(t, "devices/uno/status offline")
		listener.Wait(t, "devices/uno/status online")
	}
	if got := s.Stats(); got.Commands != 0 || got.Problem != "" {
		t.Errorf("%+v", got)
	}
	s.end()
	listener.Wait(t, "devices/uno/status offline")
	mqtttest.Listen(t, broker.URL()).Wait(t, "retained devices/uno/status offline")
}

// mosquitto acknowledges what its access rules forbid. The session reports it with the
// topic, and that it is over after the rules have changed.
func TestSession_NotDelivered(t *testing.T) {
	rules := filepath.Join(t.TempDir(), "acl")
	allow := func(how string) {
		if err := os.WriteFile(rules, []byte("topic "+how+" devices/#\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	allow("read")
	broker := mosquittotest.Start(t, "acl_file "+rules, "max_queued_messages 1000") // with 0, mosquitto 2.0.11 closes the connection
	s := run(t, deviceOptions(broker.URL()), hasty)
	s.SetOnline(true)
	mqtttest.Eventually(t, "report", func() bool { return strings.Contains(s.Stats().Problem, "not delivered: devices/uno/status: ") })
	if !strings.Contains(s.Stats().Problem, "(hint: let this user write and read the topic in the broker's access rules)") {
		t.Error(s.Stats().Problem)
	}
	mqtttest.Eventually(t, "more repetitions", func() bool {
		s.status.mu.Lock()
		defer s.status.mu.Unlock()
		return s.status.own.repeats > lostStatuses+1
	})
	if n := s.log.Count("level=INFO", "status published again"); n > lostStatuses {
		t.Errorf("%d repetitions logged", n)
	}
	allow("readwrite")
	broker.Restart()
	mqtttest.Eventually(t, "delivery", func() bool { return s.Stats().Connected && s.Stats().Problem == "" })
	s.log.Await(t, "msg=delivered")
	if n := s.log.Count("not delivered"); n != 1 {
		t.Errorf("reported %d times", n)
	}
}

// A broker that closes the connection over the subscription is not asked again, and
// readings go on.
func TestSession_StatusSubscriptionCloses(t *testing.T) {
	sink := mqtttest.NewSink(t) // mosquitto closes no connection over a subscription
	sink.CloseOn = func(kind byte, body []byte) bool {
		return kind == 8 && strings.Contains(string(body), "status")
	}
	s := run(t, deviceOptions(sink.Start(t).URL()), hasty)
	for seq := range uint64(3) {
		s.source.Add(mqtttest.Numbered(seq + 1))
	}
	mqtttest.Eventually(t, "readings", func() bool { return s.source.Acked() == 3 })
	mqtttest.Eventually(t, "a connection that stays", func() bool { return s.Stats().Connects == maxClosed+1 && s.Stats().Connected })
}
