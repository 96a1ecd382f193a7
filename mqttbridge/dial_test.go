package mqttbridge

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"arduino-gateway/internal/mosquittotest"
)

// authority signs certificates for a test.
type authority struct {
	t    testing.TB
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	a := &authority{t: t, dir: t.TempDir(), pool: x509.NewCertPool()}
	template := &x509.Certificate{Subject: pkix.Name{CommonName: "test CA"}, IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	certificate := a.sign("ca", template)
	a.cert, a.key = certificate.Leaf, certificate.PrivateKey.(*ecdsa.PrivateKey)
	a.pool.AddCert(a.cert)
	return a
}

// sign makes a certificate and writes NAME.pem and NAME.key.
func (a *authority) sign(name string, template *x509.Certificate) tls.Certificate {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, parentKey := a.cert, a.key
	if parent == nil {
		parent, parentKey = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		a.t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
	a.write(name+".pem", certPEM)
	a.write(name+".key", keyPEM)
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		a.t.Fatal(err)
	}
	return pair
}

func (a *authority) write(name string, data []byte) {
	if err := os.WriteFile(a.path(name), data, 0o600); err != nil {
		a.t.Fatal(err)
	}
}

func (a *authority) path(name string) string { return filepath.Join(a.dir, name) }

// server is mosquitto's configuration for a server on 127.0.0.1 that wants a
// certificate of its clients.
func (a *authority) server() []string {
	a.sign("server", &x509.Certificate{Subject: pkix.Name{CommonName: "broker"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"broker.example"}})
	return []string{"cafile " + a.path("ca.pem"), "certfile " + a.path("server.pem"),
		"keyfile " + a.path("server.key"), "require_certificate true", "use_identity_as_username true"}
}

// client is a client's TLS configuration, with a certificate for that name.
func (a *authority) client(name string) *tls.Config {
	pair := a.sign(name, &x509.Certificate{Subject: pkix.Name{CommonName: name}})
	return &tls.Config{RootCAs: a.pool, Certificates: []tls.Certificate{pair}}
}

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
	a := newAuthority(t)
	broker := mosquittotest.Start(t, a.server()...)
	o := deviceOptions(broker.URL())
	o.TLS = a.client("greenhouse")
	checkRoundTrip(t, broker, o)
	broker.WaitLog("as uno (p2, c1, k30, u'greenhouse')")
}

func TestTLSWebSocket(t *testing.T) {
	a := newAuthority(t)
	broker := mosquittotest.Start(t, append(a.server(), "protocol websockets")...)
	o := deviceOptions(broker.URL())
	o.TLS = a.client("greenhouse")
	checkRoundTrip(t, broker, o)
}

func TestWhatGoesWrongBeforeMQTT(t *testing.T) {
	a := newAuthority(t)
	secure, open := mosquittotest.Start(t, a.server()...), mosquittotest.Start(t)
	elsewhere := &tls.Config{RootCAs: a.pool, ServerName: "other.example"}
	for name, c := range map[string]struct {
		scheme string
		broker *mosquittotest.Broker
		tls    *tls.Config
		want   string
	}{
		"unknown authority": {"mqtts", secure, nil, "hint: set mqtt.tls.ca"},
		"other name":        {"mqtts", secure, elsewhere, "hint: use the name that stands in the broker's certificate"},
		"TLS to plain":      {"mqtts", open, nil, "connect to mqtts://"},
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

func TestHintsForNetworkErrors(t *testing.T) {
	timeout := &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}
	for err, want := range map[error]string{
		&net.DNSError{Err: "no such host", Name: "brocker"}: "check the broker's name",
		timeout:                              "does a firewall let it through?",
		tls.RecordHeaderError{}:              "this port does not speak TLS",
		fmt.Errorf("a %w", os.ErrNotExist):   "",
		join(fmt.Errorf("a"), os.ErrInvalid): "",
	} {
		if got := networkHint(err); !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
}
