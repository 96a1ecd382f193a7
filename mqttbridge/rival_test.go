package mqttbridge

import (
	"strings"
	"testing"
	"time"

	"arduino-gateway/internal/mosquittotest"
	"arduino-gateway/internal/mqttconn"
	"arduino-gateway/internal/mqtttest"
)

// Without a known rival, the pauses grow to a few times the longest wait.
func TestSuspectPause(t *testing.T) {
	for row, want := range map[int]time.Duration{0: 0, takeoverCount - 1: 0, takeoverCount: time.Second, takeoverCount + 3: 8 * time.Second, 1000: 30 * time.Second} {
		if got := suspectPause(row, mqttconn.DefaultMax); got != want {
			t.Errorf("%d: %v, want %v", row, got, want)
		}
	}
}

// Of two clients with one ID, the one that came later waits and says for whom. The other
// one stays connected, and when it is gone, the later one connects at once.
func TestSession_YieldsToARival(t *testing.T) {
	broker := mosquittotest.Start(t)
	first := run(t, deviceOptions(broker.URL()))
	first.waitConnected()
	first.SetRival(&Rival{Who: "gateway two (hint: stop it)"})
	second := run(t, deviceOptions(broker.URL()))
	second.SetRival(&Rival{Who: "gateway one (hint: stop it)", First: true})
	second.log.Await(t, "gives way", "gateway one")
	mqtttest.Eventually(t, "the first one", func() bool { return first.Stats().Connected })
	if got := second.Stats(); got.Connected || got.Problem != "gives way: gateway one (hint: stop it)" || len(got.Problems) != 1 {
		t.Errorf("%+v", got)
	}
	if got := first.Stats(); got.Problem != "another gateway is there: gateway two (hint: stop it)" || first.log.Count("gives way") > 0 {
		t.Errorf("%+v", got)
	}
	first.end()
	second.SetRival(nil)
	mqtttest.Eventually(t, "the second one", func() bool { return second.Stats().Connected && second.Stats().Problem == "" })
}

// A rival with the same topics and another client ID disconnects nobody: it is reported,
// and readings go on.
func TestSession_RivalWithOtherClientID(t *testing.T) {
	broker := mosquittotest.Start(t)
	s := run(t, deviceOptions(broker.URL()))
	s.SetRival(&Rival{Who: "gateway two (hint: stop it)", First: true})
	for seq := range uint64(5) {
		s.source.Add(mqtttest.Numbered(seq + 1))
	}
	mqtttest.Eventually(t, "readings", func() bool { return s.source.Acked() == 5 })
	if got := s.Stats().Problem; got != "another gateway is there: gateway two (hint: stop it)" {
		t.Error(got)
	}
	s.SetRival(nil)
	s.log.Await(t, "the other gateway is gone")
	if got := s.Stats().Problem; got != "" {
		t.Error(got)
	}
}

// A broker that restarts soon after it has accepted a session is no reason to give way to
// a gateway with another ID: that gateway seldom has the same client ID, and what is known
// of it may be left over. If connections keep ending early, it is a reason.
func TestSession_GivesWayToAnotherIDLate(t *testing.T) {
	other, same := &Rival{First: true, OtherID: true}, &Rival{First: true}
	for _, c := range []struct {
		rival *Rival
		row   int
		want  bool
	}{
		{nil, takeoverCount, false},
		{&Rival{OtherID: true}, takeoverCount, false},
		{other, 1, false},
		{other, takeoverCount - 1, false},
		{other, takeoverCount, true},
		{same, 1, true},
	} {
		s := New(Options{}, nil, nil, nil)
		s.rivalry.swap(c.rival)
		s.takeovers.row = c.row
		if got := s.givesWay(); got != c.want {
			t.Errorf("%+v after %d: %t", c.rival, c.row, got)
		}
	}
}

// Filters match as a broker matches them.
func TestMatches(t *testing.T) {
	for filter, topics := range map[string]string{
		"a/+/info":    "a/b/info a//info",
		"a/gw/status": "a/gw/status",
		"+":           "a",
	} {
		for _, topic := range strings.Fields("a/b/info a//info a/gw/status a/b a/b/info/x a/b/status a b/b/info /a") {
			want := strings.Contains(" "+topics+" ", " "+topic+" ") || filter == "+" && topic == "b"
			if got := matches(filter, topic); got != want {
				t.Errorf("%s, %s: %t", filter, topic, got)
			}
		}
	}
}
