//go:build unix

package netdial

import "syscall"

// The errors of the system for a host that cannot be reached.
var (
	tooManyFiles       = []error{syscall.EMFILE, syscall.ENFILE}
	connectionRefused  = []error{syscall.ECONNREFUSED}
	hostUnreachable    = []error{syscall.EHOSTUNREACH, syscall.EHOSTDOWN}
	networkUnreachable = []error{syscall.ENETUNREACH, syscall.ENETDOWN}
)
