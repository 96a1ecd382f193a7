package mqttadmin

import (
	"context"
	"errors"
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"arduino-gateway/internal/mosquittotest"
	"arduino-gateway/internal/mqtttest"
	"arduino-gateway/mqttbridge"
)

// A probe connects like the session and does not end its connection.
func TestProbe_DisturbsNoSession(t *testing.T) {
	broker := mosquittotest.Start(t)
	o := deviceOptions(broker.URL())
	listener := mqtttest.Listen(t, broker.URL())
	s := run(t, o)
	s.SetOnline(true)
	listener.Wait(t, o.StatusTopic+" online")
	for _, protocol := range []mqttbridge.Protocol{0, mqttbridge.Protocol31} {
		o.Protocol = protocol
		got, err := Probe(t.Context(), o, broker.URL(), o.StatusTopic, "devices/none/status")
		if want := map[string]string{o.StatusTopic: "online"}; err != nil || !maps.Equal(got, want) {
			t.Errorf("protocol %d: %v %v, want %v", protocol, got, err, want)
		}
	}
	if got, err := Probe(t.Context(), o, broker.URL()); err != nil || len(got) > 0 {
		t.Error(got, err)
	}
	broker.WaitLog("as uno-")
	broker.WaitLog("Received DISCONNECT from uno-")
	if s.Stats().Losses > 0 || listener.Last() != o.StatusTopic+" online" {
		t.Errorf("%+v, %q", s.Stats(), listener.All())
	}
}

// Each failure is returned with its hint, and ctx ends the wait.
func TestProbe_Fails(t *testing.T) {
	broker := mosquittotest.Start(t)
	o := deviceOptions(broker.URL())
	broker.Stop()
	if _, err := Probe(t.Context(), o, broker.URL()); err == nil || !strings.Contains(err.Error(), "is the broker running") {
		t.Error(err)
	}
	hangs := mqtttest.NewSink(t)
	hangs.Mute = func(kind byte) bool { return kind == 8 }
	ctx, cancel := context.WithTimeoutCause(t.Context(), 100*time.Millisecond, os.ErrDeadlineExceeded)
	defer cancel()
	if _, err := Probe(ctx, o, hangs.Start(t).URL(), "devices/uno/status"); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if _, err := Probe(t.Context(), o, mqtttest.NewSink(t, 0x20, 2, 0, 4).Start(t).URL()); !strings.Contains(err.Error(), "bad user name") || !Refused(err) {
		t.Error(err)
	}
}
