// Package netdial connects to a host, also to one with a name in .local. It
// names the cause of a failed connection and what to do about it. All packages
// that connect to a broker or to a server of serial ports use it.
//
// It knows the errors of the net package and of the operating systems, and the
// one query of mDNS that finds a host. It does not know what is at the host.
package netdial
