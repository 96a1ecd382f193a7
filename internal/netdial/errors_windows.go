package netdial

import "golang.org/x/sys/windows"

// The errors of the system for a host that cannot be reached.
var (
	tooManyFiles       = []error{windows.WSAEMFILE}
	connectionRefused  = []error{windows.WSAECONNREFUSED}
	hostUnreachable    = []error{windows.WSAEHOSTUNREACH, windows.WSAEHOSTDOWN}
	networkUnreachable = []error{windows.WSAENETUNREACH, windows.WSAENETDOWN}
)
