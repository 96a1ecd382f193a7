package mqttbridge

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"

	"arduino-gateway/internal/netdial"
)

// connectResult says in words what a broker's answer to CONNECT means. The
// code is the second byte of a CONNACK.
func connectResult(code byte) string {
	switch code {
	case 0:
		return "accepted"
	case 1:
		return "unacceptable protocol version"
	case 2:
		return "identifier rejected"
	case 3:
		return "server unavailable"
	case 4:
		return "bad user name or password"
	case 5:
		return "not authorized"
	default:
		return "unknown return code"
	}
}

// connectHint is what a user can do about a refusal.
func connectHint(code byte) string {
	switch code {
	case 1:
		return `set mqtt.protocol to the version that this broker speaks, "3.1.1" or "3.1"`
	case 2:
		return "choose another client_id; MQTT 3.1 allows at most 23 characters"
	case 3:
		return "the broker is starting, stopping or full"
	case 4:
		return "check mqtt.username and the password"
	case 5:
		return "check mqtt.username, the password and the broker's access rules"
	case 'P': // of HTTP/1.1 400 Bad Request
		return "it answers as a web server does: a broker's own port is mostly 1883; for a WebSocket port use ws:// or wss://"
	default:
		return "see the broker's log"
	}
}

// RefusedError is a broker's answer to CONNECT that is not an acceptance.
type RefusedError struct {
	Code byte // as it stood in the CONNACK
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("refused with code %d: %s (hint: %s)", e.Code, connectResult(e.Code), connectHint(e.Code))
}

// connectError names the broker and, where the user can act, what to do.
func connectError(broker *url.URL, err error) error {
	if hint := networkHint(err, broker.Scheme == "mqtts" || broker.Scheme == "wss"); hint != "" {
		return fmt.Errorf("connect to %s: %w (hint: %s)", broker.Redacted(), plain(err), hint)
	}
	return fmt.Errorf("connect to %s: %w", broker.Redacted(), plain(err))
}

// networkHint is what a user can do about a connection that did not come up;
// secure tells whether it was to be by TLS.
func networkHint(err error, secure bool) string {
	var (
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		expired   x509.CertificateInvalidError
		header    tls.RecordHeaderError
		op        *net.OpError
		family    *net.AddrError
	)
	switch {
	case errors.As(err, &authority):
		return "set mqtt.tls.ca to the file of the authority that signed the broker's certificate"
	case errors.As(err, &host):
		return "use the name that stands in the broker's certificate"
	case errors.As(err, &expired) && expired.Reason == x509.Expired:
		return "renew the broker's certificate; or is this machine's clock off?"
	case errors.As(err, &header):
		return "this port does not speak TLS: use mqtt:// or ws://, or its TLS port"
	case errors.As(err, &op) && op.Op == "remote error" && strings.Contains(op.Err.Error(), "certificate"):
		// remote error: tls: certificate required
		return "the broker does not take this side's certificate, or wants one: check mqtt.tls.cert and key"
	case netdial.Hint(err) != "":
		return netdial.Hint(err)
	case netdial.CauseOf(err) == netdial.Refused:
		return "is the broker running, on this port and address?"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "mqtt.bind_address must be an address of this machine"
	case errors.As(err, &family) && family.Err == "no suitable address found":
		return "mqtt.bind_address and the broker's address must both be IPv4 or both IPv6"
	case errors.As(err, &op) && op.Op == "dial" && op.Timeout():
		return "no answer: is the address right, and does a firewall let it through?"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return "it took the connection and did not answer: is this an MQTT broker?"
	case closedByPeer(err) && secure:
		return "it closed the connection without an answer: is this its port for TLS, and does it want a certificate (mqtt.tls.cert and key)?"
	case closedByPeer(err):
		return "it closed the connection without an answer: is this an MQTT port, and without TLS?"
	}
	return ""
}

// plain drops the addresses that the net package puts before an error of
// reading or writing: the local port in them is another one each time, and the
// same failure would be told as a new one.
func plain(err error) error {
	var op *net.OpError
	if !errors.As(err, &op) || op.Op == "dial" {
		return netdial.StripLocalPort(err)
	}
	var call *os.SyscallError
	if errors.As(op.Err, &call) {
		return call // it names the operation itself
	}
	return fmt.Errorf("%s: %w", op.Op, op.Err)
}

// lossError says why a connection ended that was in use.
func lossError(err error) error {
	if closedByPeer(err) {
		return fmt.Errorf("closed by the broker or the network: %w", plain(err))
	}
	return plain(err)
}

// join tells of one failure after another on one line.
func join(first, second error) error {
	if first == nil {
		return second
	}
	return fmt.Errorf("%w; %w", first, second)
}

// closedByPeer tells whether the other side ended the connection.
func closedByPeer(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
