package mqttbridge

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/mqtttest"
)

// A session without handler, source and log works, refused or connected.
func TestNew_NilIsSilent(t *testing.T) {
	for _, sink := range []*mqtttest.Sink{mqtttest.NewSink(t, 0x20, 2, 0, 5), mqtttest.NewSink(t)} {
		s := New(deviceOptions(sink.Start(t).URL()), nil, nil, nil)
		stop := start(t, s)
		mqtttest.Eventually(t, "an answer", func() bool { return s.Stats().Connects+s.Stats().Refusals > 0 })
		s.Result("led", device.Result{Status: device.Sent}, nil)
		stop()
	}
}

// Err has the broker's code, also behind a broker that is away, and the error of
// a lost connection; it is nil while connected.
func TestSession_Err(t *testing.T) {
	away := &url.URL{Scheme: "mqtt", Host: "127.0.0.1:1"}
	refuses := mqtttest.NewSink(t, 0x20, 2, 0, byte(NotAuthorized)).Start(t)
	s := New(deviceOptions(away, refuses.URL()), nil, nil, nil)
	if s.Err() != nil {
		t.Error(s.Err())
	}
	stop := start(t, s)
	mqtttest.Eventually(t, "two refusals", func() bool { return s.Stats().Refusals >= 2 })
	mqtttest.Eventually(t, "an error", func() bool { return s.Err() != nil })
	stop()
	refused, ok := errors.AsType[*RefusedError](s.Err())
	if !ok || refused.Code != NotAuthorized || !strings.HasPrefix(refused.Error(), "refused with code 5: not authorized (hint: ") {
		t.Errorf("%v", s.Err())
	}
	if text := s.Stats().Problem; text != s.Err().Error() || !strings.Contains(text, "connection refused") {
		t.Error(text)
	}
}

// Each return code of the standard has its words.
func TestConnectCode_String(t *testing.T) {
	for code, want := range map[ConnectCode]string{
		Accepted: "accepted", BadProtocol: "unacceptable protocol version", BadClientID: "identifier rejected",
		ServerUnavailable: "server unavailable", BadCredentials: "bad user name or password", NotAuthorized: "not authorized",
		6: "unknown return code",
	} {
		if got := code.String(); got != want {
			t.Errorf("%d: %q, want %q", code, got, want)
		}
	}
}

// counting overrides one method of NopHandler.
type counting struct {
	NopHandler
	connected chan bool
}

func (c *counting) Connected(_ time.Time, sessionPresent bool) { c.connected <- sessionPresent }

// A handler may embed NopHandler and override only what it needs.
func TestNopHandler_CanBeOverridden(t *testing.T) {
	h := &counting{connected: make(chan bool, 1)}
	stop := start(t, New(deviceOptions(mqtttest.NewSink(t, 0x20, 2, 1, 0).Start(t).URL()), nil, h, nil))
	defer stop()
	if present := <-h.connected; !present {
		t.Error("the broker kept the session")
	}
}
