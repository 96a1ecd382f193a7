package netdial

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
)

func dial(inner error) error {
	return fmt.Errorf("connect: %w", &net.OpError{Op: "dial", Net: "tcp", Err: inner})
}

// Each error of the network has its cause and hint.
func TestCauseOf_FindsTheCauseAndHint(t *testing.T) {
	for _, c := range []struct {
		err  error
		want Cause
		hint string
	}{
		{dial(&net.DNSError{Err: "no such host", Name: "brocker", IsNotFound: true}), HostNotFound, "check the spelling, or use the host's IP address"},
		{dial(&net.DNSError{Err: "no such host", Name: "HomeAssistant.local.", IsNotFound: true}), HostNotFound, "mDNS (avahi) runs there"},
		{dial(&net.DNSError{Err: "server misbehaving", Name: "pi.local", IsTemporary: true}), HostNotFound, "mDNS"},
		{dial(&net.DNSError{Err: "server misbehaving", Name: "pi", IsTemporary: true}), DNSFailed, "DNS server"},
		{dial(&net.DNSError{Err: "server misbehaving", Name: "pi"}), DNSFailed, "DNS server"},
		{dial(&net.DNSError{Err: "i/o timeout", Name: "pi", IsTimeout: true}), DNSFailed, "DNS server"},
		{dial(os.NewSyscallError("socket", tooManyFiles[0])), TooManyFiles, "LimitNOFILE"},
		{dial(os.NewSyscallError("connect", networkUnreachable[0])), NetworkUnreachable, "cable or its Wi-Fi"},
		{dial(os.NewSyscallError("connect", hostUnreachable[0])), HostUnreachable, "the host is on"},
		{dial(os.NewSyscallError("connect", connectionRefused[0])), Refused, ""},
		{dial(os.ErrDeadlineExceeded), TimedOut, ""},
		{context.DeadlineExceeded, TimedOut, ""},
		{dial(errors.New("no suitable address found")), None, ""},
		{nil, None, ""},
	} {
		got, hint := CauseOf(c.err), Hint(c.err)
		if got != c.want || !strings.Contains(hint, c.hint) || c.hint == "" && hint != "" {
			t.Errorf("%v: %d with hint %q, want %d with %q", c.err, got, hint, c.want, c.hint)
		}
	}
}

// The errors are from a machine without a DNS server; the local port differs
// at each attempt.
func TestStripLocalPort_MakesErrorsEqual(t *testing.T) {
	for text, want := range map[string]string{
		"read udp 192.0.2.2:43317->192.0.2.1:53: i/o timeout":              "dial tcp: lookup broker on 192.0.2.1:53: i/o timeout",
		"read udp [2001:db8::2]:43317->[2001:db8::1]:53: i/o timeout":      "dial tcp: lookup broker on 192.0.2.1:53: i/o timeout",
		"read udp 127.0.0.1:54248->127.0.0.1:53: read: connection refused": "dial tcp: lookup broker on 192.0.2.1:53: read: connection refused",
		"dial udp 192.0.2.1:53: connect: network is unreachable":           "dial tcp: lookup broker on 192.0.2.1:53: dial udp 192.0.2.1:53: connect: network is unreachable",
		"no such host": "dial tcp: lookup broker on 192.0.2.1:53: no such host",
	} {
		err := dial(&net.DNSError{Err: text, Name: "broker", Server: "192.0.2.1:53", IsTemporary: true})
		if got := StripLocalPort(err); strings.TrimPrefix(got.Error(), "connect: ") != want || CauseOf(got) != DNSFailed {
			t.Errorf("%q, want %q", got, want)
		}
	}
	other := errors.New("read tcp 192.0.2.2:1->192.0.2.1:2: i/o timeout")
	if got := StripLocalPort(other); got != other {
		t.Error(got)
	}
}
