//go:build unix

package serialbridge

import "syscall"

// How the system says that a host cannot be talked to.
const (
	connectionRefused  = syscall.ECONNREFUSED
	hostUnreachable    = syscall.EHOSTUNREACH
	networkUnreachable = syscall.ENETUNREACH
)
