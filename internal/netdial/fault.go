package netdial

import (
	"errors"
	"net"
	"strings"
)

// Cause is why a host cannot be talked to.
type Cause int

// The faults, in the order in which a connection meets them.
const (
	None               Cause = iota // it is none of these
	HostNotFound                    // no host has the name
	DNSFailed                       // nobody tells whether a host has the name
	NetworkUnreachable              // this machine has no way to the address
	HostUnreachable                 // nobody is at the address
	Refused                         // the host is there, and nothing listens
	TimedOut                        // nothing came back in time
)

// CauseOf sorts an error of dialling.
func CauseOf(err error) Cause {
	dns, named := errors.AsType[*net.DNSError](err)
	network, timed := errors.AsType[net.Error](err)
	switch {
	case named && (dns.IsNotFound || isLocal(dns.Name)):
		return HostNotFound
	case named:
		return DNSFailed
	case isAny(err, networkUnreachable):
		return NetworkUnreachable
	case isAny(err, hostUnreachable):
		return HostUnreachable
	case isAny(err, connectionRefused):
		return Refused
	case timed && network.Timeout():
		return TimedOut
	}
	return None
}

func isAny(err error, kinds []error) bool {
	for _, kind := range kinds {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

// Hint is what a person can do about an error of dialling, whatever is at the host;
// "" is where that depends on it.
func Hint(err error) string {
	switch CauseOf(err) {
	case HostNotFound:
		if dns, ok := errors.AsType[*net.DNSError](err); ok && isLocal(dns.Name) {
			return "is the name spelled right, the host in this network, and mDNS (avahi) running there? Its IP address does as well"
		}
		return "is the name spelled right? The host's IP address does as well"
	case DNSFailed:
		return "is this machine's network up, and its DNS server? The host's IP address needs none"
	case NetworkUnreachable:
		return "is this machine's network up: its cable, or its Wi-Fi?"
	case HostUnreachable:
		return "is the host on and in this network, and is the address right?"
	}
	return ""
}

// StripLocalPort drops from an error of looking a name up what is another one each time, the
// local port, so that the same failure reads the same:
//
//	dial tcp: lookup broker on 192.0.2.1:53: read udp 192.0.2.2:43317->192.0.2.1:53: i/o timeout
//
// Any other error stays as it is.
func StripLocalPort(err error) error {
	op, dialled := errors.AsType[*net.OpError](err)
	dns, named := errors.AsType[*net.DNSError](err)
	if !dialled || !named {
		return err
	}
	_, to, found := strings.Cut(dns.Err, "->")
	_, why, whole := strings.Cut(to, ": ")
	if !found || !whole {
		return err
	}
	plainDNS, plainOp := *dns, *op
	plainDNS.Err, plainOp.Err = why, &plainDNS
	return &plainOp
}
