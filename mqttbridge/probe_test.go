package mqttbridge

import (
	"context"
	"errors"
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"arduino-gateway/internal/mosquittotest"
)

// A probe looks like the session, and takes nothing from it.
func TestProbeDisturbsNobody(t *testing.T) {
	broker := mosquittotest.Start(t)
	o := deviceOptions(broker.URL())
	ear := listen(t, broker.URL())
	s := run(t, o)
	s.SetOnline(true)
	ear.wait(t, o.StatusTopic+" online")
	for _, protocol := range []uint{0, 3} {
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
	if s.Stats().Losses > 0 || ear.last() != o.StatusTopic+" online" {
		t.Errorf("%+v, %q", s.Stats(), ear.all())
	}
}

func TestProbeSaysWhatIsWrong(t *testing.T) {
	broker := mosquittotest.Start(t)
	o := deviceOptions(broker.URL())
	broker.Stop()
	if _, err := Probe(t.Context(), o, broker.URL()); err == nil || !strings.Contains(err.Error(), "is the broker running") {
		t.Error(err)
	}
	hangs := newSink(t)
	hangs.mute = func(kind byte) bool { return kind == 8 }
	ctx, cancel := context.WithTimeoutCause(t.Context(), 100*time.Millisecond, os.ErrDeadlineExceeded)
	defer cancel()
	if _, err := Probe(ctx, o, hangs.start(t).url(), "devices/uno/status"); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if _, err := Probe(t.Context(), o, newSink(t, 0x20, 2, 0, 4).start(t).url()); !strings.Contains(err.Error(), "bad user name") {
		t.Error(err)
	}
}
