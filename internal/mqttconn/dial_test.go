package mqttconn

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
)

// Each scheme has a default port.
func TestHostPort(t *testing.T) {
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

// Each network error has a hint, other errors have none.
func TestNetworkHint(t *testing.T) {
	timeout := &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}
	_, family := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}}).Dial("tcp", "[::1]:1")
	alert := &net.OpError{Op: "remote error", Err: errors.New("tls: certificate required")}
	for err, want := range map[error]string{
		&net.DNSError{Err: "no such host", Name: "brocker", IsNotFound: true}: "check the spelling",
		&net.DNSError{Err: "server misbehaving", Name: "brocker"}:             "its DNS server",
		reached(syscall.ENETUNREACH):                                          "check this machine's network",
		reached(syscall.EHOSTUNREACH):                                         "the host is on",
		reached(syscall.ECONNREFUSED):                                         "is the broker running",
		family:                                                                "both be IPv4 or both IPv6",
		alert:                                                                 "mqtt.tls.cert",
		timeout:                                                               "does a firewall let it through?",
		tls.RecordHeaderError{}:                                               "this port does not speak TLS",
		x509.CertificateInvalidError{Reason: x509.Expired}: "is this machine's clock off?",
		fmt.Errorf("a %w", os.ErrNotExist):                 "",
		join(fmt.Errorf("a"), os.ErrInvalid):               "",
	} {
		if got := networkHint(err, "mqtt"); !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
}
