package serialbridge

import (
	"context"
	"net"
	"strings"
	"time"
)

// dialer opens a port by its form: a path, or a server of serial ports.
type dialer struct {
	connect   time.Duration // how long a connection may take, including the lookup of the name
	negotiate time.Duration // how long a server may take to accept the settings of the port
	write     time.Duration // how long a server may take nothing of a write
	keepAlive net.KeepAliveConfig
	yields    bool // leave a port of this machine alone that another program may use
}

// A dead server, such as a bridge without power, is noticed within half a
// minute.
var defaultDialer = dialer{
	connect:   10 * time.Second,
	negotiate: 5 * time.Second,
	write:     4 * time.Second, // a link gives up sooner, with a better error
	keepAlive: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3},
}

// open opens /dev/ttyACM0, tcp://HOST:PORT or rfc2217://HOST:PORT, and gives up
// when ctx ends. classify knows its errors.
func (d dialer) open(ctx context.Context, port string, baud int) (rawPort, error) {
	scheme, address, _ := strings.Cut(port, "://")
	address = strings.TrimSuffix(address, "/")
	switch scheme {
	case "tcp":
		return d.openTCP(ctx, address)
	case "rfc2217":
		return d.openRFC2217(ctx, address, baud)
	default:
		return openLocked(port, baud, d.yields)
	}
}
