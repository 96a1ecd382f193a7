package serialbridge

import "golang.org/x/sys/windows"

// How the system says that a host cannot be talked to.
const (
	connectionRefused  = windows.WSAECONNREFUSED
	hostUnreachable    = windows.WSAEHOSTUNREACH
	networkUnreachable = windows.WSAENETUNREACH
)
