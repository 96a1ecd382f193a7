// Package netdial connects to a host, also to one whose name is in .local, and says why
// it cannot be talked to, and what a person can do about that: for all that dial a
// broker, or a server of serial ports.
//
// It knows the errors of the net package and of the operating systems, and the one
// question of mDNS that finds a host. It does not know what is at the host.
package netdial
