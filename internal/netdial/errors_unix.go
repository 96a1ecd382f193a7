//go:build unix

package netdial

import "syscall"

// How the system says that a host cannot be talked to.
var (
	connectionRefused  = []error{syscall.ECONNREFUSED}
	hostUnreachable    = []error{syscall.EHOSTUNREACH, syscall.EHOSTDOWN}
	networkUnreachable = []error{syscall.ENETUNREACH, syscall.ENETDOWN}
)
