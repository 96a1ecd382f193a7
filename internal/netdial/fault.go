package netdial

import (
	"errors"
	"net"
	"strings"
)

// Fault is why a host cannot be talked to.
type Fault int

// The faults, in the order in which a connection meets them.
const (
	None      Fault = iota // it is none of these
	NoName                 // no host has the name
	NoDNS                  // nobody tells whether a host has the name
	NoNetwork              // this machine has no way to the address
	NoHost                 // nobody is at the address
	Refused                // the host is there, and nothing listens
	NoAnswer               // nothing came back in time
)

// Of sorts an error of dialling.
func Of(err error) Fault {
	dns, named := errors.AsType[*net.DNSError](err)
	network, timed := errors.AsType[net.Error](err)
	switch {
	case named && (dns.IsNotFound || isLocal(dns.Name)):
		return NoName
	case named:
		return NoDNS
	case isAny(err, networkUnreachable):
		return NoNetwork
	case isAny(err, hostUnreachable):
		return NoHost
	case isAny(err, connectionRefused):
		return Refused
	case timed && network.Timeout():
		return NoAnswer
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
	switch Of(err) {
	case NoName:
		if dns, ok := errors.AsType[*net.DNSError](err); ok && isLocal(dns.Name) {
			return "is the name spelled right, the host in this network, and mDNS (avahi) running there? Its IP address does as well"
		}
		return "is the name spelled right? The host's IP address does as well"
	case NoDNS:
		return "is this machine's network up, and its DNS server? The host's IP address needs none"
	case NoNetwork:
		return "is this machine's network up: its cable, or its Wi-Fi?"
	case NoHost:
		return "is the host on and in this network, and is the address right?"
	}
	return ""
}

// Plain drops from an error of looking a name up what is another one each time, the
// local port, so that the same failure reads the same:
//
//	dial tcp: lookup broker on 192.0.2.1:53: read udp 192.0.2.2:43317->192.0.2.1:53: i/o timeout
//
// Any other error stays as it is.
func Plain(err error) error {
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
