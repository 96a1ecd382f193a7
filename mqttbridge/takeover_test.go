package mqttbridge

import (
	"testing"
	"time"

	"arduino-gateway/internal/mqttconn"
)

// Three early losses in a row are suspicious, if the broker closed the connection.
func TestTakeovers(t *testing.T) {
	var w takeovers
	for i, c := range []struct {
		lived    time.Duration
		byBroker bool
		want     bool
	}{
		{time.Second, true, false},
		{time.Second, true, false},
		{time.Second, false, false}, // a timeout does not count
		{20 * time.Second, true, false},
		{time.Second, true, true}, // the third
		{takeoverWithin, true, true},
		{mqttconn.SettledAfter, true, false},
		{time.Second, true, false},
	} {
		if got := w.lost(c.lived, c.byBroker); got != c.want {
			t.Errorf("%d: %t", i, got)
		}
	}
}

// A broker that restarts three times also closes early, but is away in between.
func TestTakeovers_BrokerRestarts(t *testing.T) {
	var w takeovers
	for range 2 * takeoverCount {
		if w.lost(time.Second, true) {
			t.Fatal("suspected")
		}
		w.failed()
	}
}
