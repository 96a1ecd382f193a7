package mqttconn

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"arduino-gateway/internal/mosquittotest"
	"arduino-gateway/internal/programtest"
)

// banner is a server that says this to each client and closes. It returns its address.
func banner(t *testing.T, text string) string {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	t.Cleanup(func() { l.Close(); <-ended })
	go func() {
		defer close(ended)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte(text))
			_, _ = c.Read(make([]byte, 1000)) // what comes must be read, or the close is a reset
			c.Close()
		}
	}()
	return l.Addr().String()
}

// selfSigned makes a certificate as users do, and returns mosquitto's lines for it and
// the client's roots.
func selfSigned(t *testing.T, arguments ...string) (lines []string, roots *x509.CertPool) {
	t.Helper()
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "broker.pem"), filepath.Join(dir, "broker.key")
	arguments = append([]string{"req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert}, arguments...)
	if out, err := exec.Command(programtest.Find(t, "openssl"), arguments...).CombinedOutput(); err != nil {
		t.Fatalf("openssl: %v\n%s", err, out)
	}
	data, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	roots = x509.NewCertPool()
	roots.AppendCertsFromPEM(data)
	return []string{"certfile " + cert, "keyfile " + key}, roots
}

// A certificate of openssl with a Common Name alone is refused with the remedy. With the
// remedy it is accepted, and for another name the hint has both.
func TestDial_CertificateNames(t *testing.T) {
	const alone = `the certificate has only a Common Name: make it again with a subjectAltName, such as openssl req … -addext "subjectAltName=IP:127.0.0.1"`
	for _, c := range []struct{ extension, want string }{
		{"", alone},
		{"subjectAltName=IP:127.0.0.1", ""},
		{"subjectAltName=DNS:broker.example", "use the name in the broker's certificate, such as broker.example, or make the certificate again with subjectAltName=IP:127.0.0.1 as well"},
		{"subjectAltName=IP:192.0.2.1", "use the address in the broker's certificate, such as 192.0.2.1, or make"},
	} {
		arguments := []string{"-days", "30", "-subj", "/CN=127.0.0.1"}
		if c.extension != "" {
			arguments = append(arguments, "-addext", c.extension)
		}
		lines, roots := selfSigned(t, arguments...)
		broker := mosquittotest.Start(t, lines...)
		o := testOptions()
		o.TLS = &tls.Config{RootCAs: roots}
		conn, err := Dial(t.Context(), broker.URL(), o)
		if err == nil {
			conn.Close()
		}
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), "(hint: "+c.want)) {
			t.Errorf("%q: %v", c.extension, err)
		}
	}
}

// The error of a certificate whose time is over, or has not begun, is the same at each
// attempt, so that it is logged once.
func TestTimeless(t *testing.T) {
	a := mosquittotest.NewAuthority(t)
	leaf := a.Client("broker").Certificates[0].Leaf
	at := func(now time.Time) error {
		_, err := leaf.Verify(x509.VerifyOptions{Roots: a.Pool, CurrentTime: now})
		return err
	}
	for _, c := range []struct {
		now        time.Time
		text, hint string
	}{
		{leaf.NotAfter.Add(time.Hour), `the certificate of "broker" has expired: it was valid until ` + leaf.NotAfter.Format(time.DateTime) + " UTC", "renew the broker's certificate"},
		{leaf.NotBefore.Add(-time.Hour), `the certificate of "broker" is not valid yet: it begins on ` + leaf.NotBefore.Format(time.DateTime) + " UTC", "is this machine's clock right?"},
	} {
		first, second := timeless(at(c.now)), timeless(at(c.now.Add(time.Second)))
		if first.Error() != c.text || first.Error() != second.Error() {
			t.Errorf("%v, %v\nwant %s", first, second, c.text)
		}
		if got := certificateHint(first); !strings.HasPrefix(got, c.hint) {
			t.Errorf("%q, want %q", got, c.hint)
		}
	}
	if other := errors.New("other"); timeless(other) != other || certificateHint(other) != "" {
		t.Error("another error has changed")
	}
}
