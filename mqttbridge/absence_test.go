package mqttbridge

import (
	"strings"
	"testing"
	"time"

	"arduino-gateway/internal/mosquittotest"
	"arduino-gateway/internal/mqtttest"
)

// A session that is asked to leave stays away until it is reconfigured, and takes no
// subscription along: the broker would keep it under the old client ID.
func TestSession_LeavesUntilItIsReconfigured(t *testing.T) {
	broker := mosquittotest.Start(t, "log_type all")
	options := deviceOptions(broker.URL())
	options.CleanSession = false
	s := run(t, options)
	s.waitConnected()
	mqtttest.Eventually(t, "the subscription", func() bool { return s.Stats().Subscribed })
	left := s.Leave()
	select {
	case <-left:
	case <-time.After(10 * time.Second):
		t.Fatal("it does not leave")
	}
	if again := s.Leave(); again != left {
		t.Error("it leaves twice")
	}
	if s.Stats().Connected {
		t.Error("still connected")
	}
	broker.WaitLog("Received UNSUBSCRIBE from uno")
	broker.WaitLog("Received DISCONNECT from uno")
	options.ClientID = "due"
	s.Reconfigure(options)
	mqtttest.Eventually(t, "other client ID", func() bool { return strings.Contains(broker.Log(), " as due (p2") })
	s.waitConnected()
	if n := s.Stats().Connects; n != 2 {
		t.Errorf("connected %d times", n)
	}
}

// A session that cannot connect leaves at once, and a stop ends its absence.
func TestSession_LeavesABrokerThatIsAway(t *testing.T) {
	sink := mqtttest.NewSink(t)
	options := deviceOptions(sink.URL()) // not started: nothing answers
	s := run(t, options)
	select {
	case <-s.Leave():
	case <-time.After(10 * time.Second):
		t.Fatal("it does not leave")
	}
}
