package mqttbridge

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"

	"arduino-gateway/internal/mosquittotest"
)

// checkRoundTrip sends a reading and a command through a broker that is reached
// in a special way.
func checkRoundTrip(t *testing.T, broker *mosquittotest.Broker, o Options) {
	t.Helper()
	s := run(t, o)
	s.source.add(numbered(1))
	eventually(t, "acknowledged", func() bool { return s.source.ackedLines() == 1 })
	other := o
	other.ClientID, other.Topic, other.StatusTopic = "other", "devices/uno/set", ""
	sender := run(t, other)
	sender.source.add(numbered(1)) // arrives as devices/uno/set/n
	eventually(t, "command", func() bool { return len(s.heard.got()) == 1 })
	sender.end()
	s.end()
	broker.WaitLog("Received DISCONNECT from uno")
}

func TestWebSocket(t *testing.T) {
	broker := mosquittotest.Start(t, "protocol websockets")
	checkRoundTrip(t, broker, deviceOptions(broker.URL()))
	withUser := broker.URL()
	withUser.User, withUser.Path = url.UserPassword("pi", "secret"), "/mqtt"
	s := run(t, deviceOptions(withUser))
	s.waitConnected()
	broker.Kill()
	eventually(t, "loss", func() bool { return s.Stats().Losses == 1 })
	s.end()
	if log := s.log.String(); strings.Contains(log, "secret") {
		t.Error(log)
	}
}

func TestTLS(t *testing.T) {
	a := mosquittotest.NewAuthority(t)
	broker := mosquittotest.Start(t, a.Server()...)
	o := deviceOptions(broker.URL())
	o.TLS = a.Client("greenhouse")
	checkRoundTrip(t, broker, o)
	broker.WaitLog("as uno (p2, c1, k30, u'greenhouse')")
}

func TestTLSWebSocket(t *testing.T) {
	a := mosquittotest.NewAuthority(t)
	broker := mosquittotest.Start(t, append(a.Server(), "protocol websockets")...)
	o := deviceOptions(broker.URL())
	o.TLS = a.Client("greenhouse")
	checkRoundTrip(t, broker, o)
}

func TestWhatGoesWrongBeforeMQTT(t *testing.T) {
	a := mosquittotest.NewAuthority(t)
	secure, open := mosquittotest.Start(t, a.Server()...), mosquittotest.Start(t)
	elsewhere := &tls.Config{RootCAs: a.Pool, ServerName: "other.example"}
	for name, c := range map[string]struct {
		scheme string
		broker *mosquittotest.Broker
		tls    *tls.Config
		want   string
	}{
		"unknown authority": {"mqtts", secure, nil, "hint: set mqtt.tls.ca"},
		"other name":        {"mqtts", secure, elsewhere, "hint: use the name that stands in the broker's certificate"},
		"no certificate":    {"mqtts", secure, &tls.Config{RootCAs: a.Pool}, "mqtt.tls.cert"},
		"TLS to plain":      {"mqtts", open, nil, "is this its port for TLS"},
		"plain to TLS":      {"mqtt", secure, nil, "is this an MQTT port, and without TLS?"},
		"WebSocket to TCP":  {"ws", open, nil, "WebSocket: "},
		"no such scheme":    {"http", open, nil, "hint: mqtt, mqtts, ws or wss"},
	} {
		t.Run(name, func(t *testing.T) {
			o := deviceOptions(&url.URL{Scheme: c.scheme, Host: c.broker.Addr()})
			o.TLS = c.tls
			s := run(t, o)
			eventually(t, "refusal", func() bool { return s.Stats().Refusals > 0 })
			s.end()
			if got := s.Stats().Problem; !strings.Contains(got, c.want) {
				t.Errorf("%q lacks %q", got, c.want)
			}
		})
	}
}

func TestPortsThatURLsLeaveOut(t *testing.T) {
	for text, want := range map[string]string{
		"mqtt://b": "b:1883", "mqtts://b": "b:8883", "ws://b": "b:80", "wss://b": "b:443",
		"mqtt://b:1": "b:1", "mqtt://[::1]": "[::1]:1883",
	} {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := hostPort(u); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func reached(err error) error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", err)}
}

func TestHintsForNetworkErrors(t *testing.T) {
	timeout := &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}
	_, family := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}}).Dial("tcp", "[::1]:1")
	alert := &net.OpError{Op: "remote error", Err: errors.New("tls: certificate required")}
	for err, want := range map[error]string{
		&net.DNSError{Err: "no such host", Name: "brocker", IsNotFound: true}: "spelled right?",
		&net.DNSError{Err: "server misbehaving", Name: "brocker"}:             "its DNS server?",
		reached(syscall.ENETUNREACH):                                          "is this machine's network up",
		reached(syscall.EHOSTUNREACH):                                         "is the host on",
		reached(syscall.ECONNREFUSED):                                         "is the broker running",
		family:                                                                "both be IPv4 or both IPv6",
		alert:                                                                 "mqtt.tls.cert",
		timeout:                                                               "does a firewall let it through?",
		tls.RecordHeaderError{}:                                               "this port does not speak TLS",
		x509.CertificateInvalidError{Reason: x509.Expired}: "is this machine's clock off?",
		fmt.Errorf("a %w", os.ErrNotExist):                 "",
		join(fmt.Errorf("a"), os.ErrInvalid):               "",
	} {
		if got := networkHint(err, false); !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
}
