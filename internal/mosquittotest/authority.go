package mosquittotest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Authority signs certificates for a test.
type Authority struct {
	t    testing.TB
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	Pool *x509.CertPool // of itself
}

// NewAuthority returns an authority whose files last until the test ends. Its own
// certificate is ca.pem.
func NewAuthority(t testing.TB) *Authority {
	t.Helper()
	a := &Authority{t: t, dir: t.TempDir(), Pool: x509.NewCertPool()}
	template := &x509.Certificate{Subject: pkix.Name{CommonName: "test CA"}, IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	certificate := a.sign("ca", template)
	a.cert, a.key = certificate.Leaf, certificate.PrivateKey.(*ecdsa.PrivateKey)
	a.Pool.AddCert(a.cert)
	return a
}

// sign creates a certificate and writes NAME.pem and NAME.key.
func (a *Authority) sign(name string, template *x509.Certificate) tls.Certificate {
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

func (a *Authority) write(name string, data []byte) {
	if err := os.WriteFile(a.Path(name), data, 0o600); err != nil {
		a.t.Fatal(err)
	}
}

// Path returns the path of one of its files.
func (a *Authority) Path(name string) string { return filepath.Join(a.dir, name) }

// Server returns mosquitto's configuration for a TLS server on 127.0.0.1 that
// requires a certificate of its clients.
func (a *Authority) Server() []string {
	a.sign("server", &x509.Certificate{Subject: pkix.Name{CommonName: "broker"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"broker.example"}})
	return []string{"cafile " + a.Path("ca.pem"), "certfile " + a.Path("server.pem"),
		"keyfile " + a.Path("server.key"), "require_certificate true", "use_identity_as_username true"}
}

// Client returns the TLS configuration of a client with a certificate for the name.
func (a *Authority) Client(name string) *tls.Config {
	pair := a.sign(name, &x509.Certificate{Subject: pkix.Name{CommonName: name}})
	return &tls.Config{RootCAs: a.Pool, Certificates: []tls.Certificate{pair}}
}
