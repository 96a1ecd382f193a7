package netdial

import (
	"errors"
	"net"
	"strings"
)

// Cause is why a host cannot be reached.
type Cause int

// The causes, in the order in which a connection meets them.
const (
	None               Cause = iota // none of these
	TooManyFiles                    // this program, or this machine, may open no more
	HostNotFound                    // no host has this name
	DNSFailed                       // no DNS server answers
	NetworkUnreachable              // this machine has no route to the address
	HostUnreachable                 // no host answers at the address
	Refused                         // the host is there, and nothing listens on the port
	TimedOut                        // no answer in time
)

// CauseOf returns the cause behind an error of dialling.
func CauseOf(err error) Cause {
	dns, named := errors.AsType[*net.DNSError](err)
	network, timed := errors.AsType[net.Error](err)
	switch {
	case isAny(err, tooManyFiles):
		return TooManyFiles
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

// Hint returns what to do about an error of dialling. It returns "" if that
// depends on what is at the host.
func Hint(err error) string {
	switch CauseOf(err) {
	case TooManyFiles:
		return "raise LimitNOFILE in the service's unit, or ulimit -n in a shell"
	case HostNotFound:
		if dns, ok := errors.AsType[*net.DNSError](err); ok && isLocal(dns.Name) {
			return "check the spelling, that the host is in this network, and that mDNS (avahi) runs there; or use its IP address"
		}
		return "check the spelling, or use the host's IP address"
	case DNSFailed:
		return "check this machine's network and its DNS server, or use the host's IP address"
	case NetworkUnreachable:
		return "check this machine's network: its cable or its Wi-Fi"
	case HostUnreachable:
		return "check that the host is on and in this network, and that the address is right"
	}
	return ""
}

// StripLocalPort removes the local port from an error of a name lookup. The port
// differs each time, so that the same failure would read differently:
//
//	dial tcp: lookup broker on 192.0.2.1:53: read udp 192.0.2.2:43317->192.0.2.1:53: i/o timeout
//
// It returns any other error as it is.
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
