package mqttbridge

import (
	"crypto/tls"
	"net/url"
	"strings"
	"testing"

	"arduino-gateway/internal/mosquittotest"
	"arduino-gateway/internal/mqtttest"
)

// checkRoundTrip sends a reading and a command through the broker.
func checkRoundTrip(t *testing.T, broker *mosquittotest.Broker, o Options) {
	t.Helper()
	s := run(t, o)
	s.source.Add(mqtttest.Numbered(1))
	mqtttest.Eventually(t, "acknowledged", func() bool { return s.source.Acked() == 1 })
	other := o
	other.ClientID, other.Topic, other.StatusTopic = "other", "devices/uno/set", ""
	sender := run(t, other)
	sender.source.Add(mqtttest.Numbered(1)) // arrives as devices/uno/set/n
	mqtttest.Eventually(t, "command", func() bool { return len(s.recorded.got()) == 1 })
	sender.end()
	s.end()
	broker.WaitLog("Received DISCONNECT from uno")
}

// A WebSocket carries a session; its loss is noticed, and no password is logged.
func TestSession_WebSocket(t *testing.T) {
	broker := mosquittotest.Start(t, "protocol websockets")
	checkRoundTrip(t, broker, deviceOptions(broker.URL()))
	withUser := broker.URL()
	withUser.User, withUser.Path = url.UserPassword("pi", "secret"), "/mqtt"
	s := run(t, deviceOptions(withUser))
	s.waitConnected()
	broker.Kill()
	mqtttest.Eventually(t, "loss", func() bool { return s.Stats().Losses == 1 })
	s.end()
	if log := s.log.String(); strings.Contains(log, "secret") {
		t.Error(log)
	}
}

// TLS with a client certificate carries a session.
func TestSession_TLS(t *testing.T) {
	a := mosquittotest.NewAuthority(t)
	broker := mosquittotest.Start(t, a.Server()...)
	o := deviceOptions(broker.URL())
	o.TLS = a.Client("greenhouse")
	checkRoundTrip(t, broker, o)
	broker.WaitLog("as uno (p2, c1, k30, u'greenhouse')")
}

// So does a WebSocket over TLS.
func TestSession_TLSWebSocket(t *testing.T) {
	a := mosquittotest.NewAuthority(t)
	broker := mosquittotest.Start(t, append(a.Server(), "protocol websockets")...)
	o := deviceOptions(broker.URL())
	o.TLS = a.Client("greenhouse")
	checkRoundTrip(t, broker, o)
}

// Each failure before MQTT is reported with its hint.
func TestSession_DialErrors(t *testing.T) {
	a := mosquittotest.NewAuthority(t)
	secure, open := mosquittotest.Start(t, a.Server()...), mosquittotest.Start(t)
	full := mosquittotest.Start(t, "max_connections 1")
	mqtttest.Listen(t, full.URL())
	elsewhere := &tls.Config{RootCAs: a.Pool, ServerName: "other.example"}
	for name, c := range map[string]struct {
		scheme string
		broker *mosquittotest.Broker
		tls    *tls.Config
		want   string
	}{
		"unknown authority": {"mqtts", secure, nil, "hint: set mqtt.tls.ca"},
		"other name":        {"mqtts", secure, elsewhere, "hint: use the name in the broker's certificate"},
		"no certificate":    {"mqtts", secure, &tls.Config{RootCAs: a.Pool}, "mqtt.tls.cert"},
		"TLS to plain":      {"mqtts", open, nil, "this port may be one without TLS"},
		"plain to TLS":      {"mqtt", secure, nil, "this port may be one for TLS (mqtts://)"},
		"WebSocket to TCP":  {"ws", open, nil, "this port may be one without WebSocket (mqtt://)"},
		"limit":             {"mqtt", full, nil, "its limit of connections may be reached"},
		"no such scheme":    {"http", open, nil, "hint: mqtt, mqtts, ws or wss"},
	} {
		t.Run(name, func(t *testing.T) {
			o := deviceOptions(&url.URL{Scheme: c.scheme, Host: c.broker.Addr()})
			o.TLS = c.tls
			s := run(t, o)
			mqtttest.Eventually(t, "refusal", func() bool { return s.Stats().Refusals > 0 })
			s.end()
			if got := s.Stats().Problem; !strings.Contains(got, c.want) {
				t.Errorf("%q lacks %q", got, c.want)
			}
		})
	}
}
