package mqttconn

import (
	"context"
	"crypto/tls"
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

// connectError names the broker and, where the user can act, what to do.
func connectError(broker *url.URL, err error) error {
	hint := networkHint(err, broker.Scheme)
	if netdial.CauseOf(err) == netdial.Refused && !isLoopback(broker.Hostname()) {
		hint += " mosquitto 2 accepts other machines only with a listener in its configuration"
	}
	if hint != "" {
		return fmt.Errorf("connect to %s: %w (hint: %s)", broker.Redacted(), dialCause(broker, err), hint)
	}
	return fmt.Errorf("connect to %s: %w", broker.Redacted(), dialCause(broker, err))
}

// isLoopback reports whether a host is this machine.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// dialCause drops what the net package puts before an error of dialling, because the
// broker's address is in front of it. If the broker is given by name, the address stays:
//
//	dial tcp 192.0.2.1:1883: connect: connection refused
func dialCause(broker *url.URL, err error) error {
	op, dialled := err.(*net.OpError)
	if !dialled || op.Op != "dial" || op.Addr == nil {
		return plain(err)
	}
	cause := op.Err
	if call, ok := errors.AsType[*os.SyscallError](cause); ok {
		cause = call.Err
	}
	if net.ParseIP(broker.Hostname()) != nil {
		return cause
	}
	return fmt.Errorf("%v: %w", op.Addr, cause)
}

// networkHint returns what a user can do about a connection that failed; scheme is
// that of the broker's URL.
func networkHint(err error, scheme string) string {
	var (
		header tls.RecordHeaderError
		op     *net.OpError
		family *net.AddrError
	)
	certificate := certificateHint(err)
	switch {
	case certificate != "":
		return certificate
	case errors.As(err, &header):
		return "this port does not speak TLS: use mqtt:// or ws://, or its TLS port"
	case errors.As(err, &op) && op.Op == "remote error":
		return alertHint(op.Err.Error())
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
		return "it accepted the connection and did not answer: is this an MQTT broker?"
	case ClosedByPeer(err):
		return "it closed the connection without an answer: " + closedHint(err, scheme)
	}
	return ""
}

// alertHint returns what to do about an alert of TLS that the broker sent.
func alertHint(alert string) string {
	switch {
	case strings.Contains(alert, "certificate"): // tls: certificate required
		return "the broker refuses this side's certificate, or requires one: check mqtt.tls.cert and key"
	case strings.Contains(alert, "protocol version"):
		return "the broker speaks only versions of TLS that are too old; it must allow TLS 1.2 or 1.3"
	case strings.Contains(alert, "handshake failure"):
		return "the broker requires a certificate (mqtt.tls.cert and key), or TLS that is too old"
	}
	return ""
}

// handshakeError is an error of the TLS handshake.
type handshakeError struct{ error }

func (e handshakeError) Error() string { return "TLS: " + e.error.Error() }
func (e handshakeError) Unwrap() error { return e.error }

// closedHint returns why a server may have closed a connection without a word.
func closedHint(err error, scheme string) string {
	_, inHandshake := errors.AsType[handshakeError](err)
	switch {
	case scheme == "mqtts" && !inHandshake:
		return "its limit of connections may be reached, or it requires a certificate (mqtt.tls.cert and key)"
	case scheme == "mqtts", scheme == "wss":
		return "this port may be one without TLS (mqtt:// or ws://), or the broker's limit of connections may be reached"
	case scheme == "ws":
		return "this port may be one without WebSocket (mqtt://) or with TLS (wss://), or the broker's limit of connections may be reached"
	}
	return "its limit of connections may be reached, or this port may be one for TLS (mqtts://) or not for MQTT"
}

// plain drops the addresses that the net package puts before an error of reading
// or writing. The local port in them changes each time, and the same failure
// would be logged again.
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

// LossError returns err, which ended a connection in use, in the words of a log.
func LossError(err error) error {
	if ClosedByPeer(err) {
		return fmt.Errorf("closed by the broker or the network: %w", plain(err))
	}
	return plain(err)
}

// isSilence reports whether a broker did not answer, in contrast to one that refused the
// client or closed the connection.
func isSilence(err error) bool {
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, errNoAnswer) || errors.Is(err, errUnacknowledged) ||
		errors.Is(err, ErrStalled) || errors.Is(err, syscall.ETIMEDOUT) || errors.Is(err, syscall.EHOSTUNREACH) ||
		err != nil && strings.Contains(err.Error(), "pingresp not received") // paho has no value for it
}

// join puts one failure after another on one line.
func join(first, second error) error {
	if first == nil {
		return second
	}
	return fmt.Errorf("%w; %w", first, second)
}

// ClosedByPeer reports whether the other side ended the connection.
func ClosedByPeer(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
