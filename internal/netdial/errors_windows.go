package netdial

import "golang.org/x/sys/windows"

// How the system says that a host cannot be talked to.
var (
	connectionRefused  = []error{windows.WSAECONNREFUSED}
	hostUnreachable    = []error{windows.WSAEHOSTUNREACH, windows.WSAEHOSTDOWN}
	networkUnreachable = []error{windows.WSAENETUNREACH, windows.WSAENETDOWN}
)
