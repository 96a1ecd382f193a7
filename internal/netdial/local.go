package netdial

import (
	"context"
	"net"
	"strings"
	"time"
)

const (
	// localPatience bounds the lookup of a name in .local. Its host answers
	// within milliseconds, and a query that the radio lost is sent once more.
	localPatience = 3 * time.Second
	localTry      = time.Second
)

// mdns is the address at which hosts listen for their names in .local.
var mdns = &net.UDPAddr{IP: net.IPv4(224, 0, 0, 251), Port: 5353}

// isLocal reports whether a name belongs to mDNS.
func isLocal(name string) bool {
	return strings.HasSuffix(strings.ToLower(strings.TrimSuffix(name, ".")), ".local")
}

// Dial connects over TCP as the dialer does. It also finds a host in .local that
// the system does not know.
func Dial(ctx context.Context, d *net.Dialer, address string) (net.Conn, error) {
	c, err := d.DialContext(ctx, "tcp", address)
	host, port, _ := net.SplitHostPort(address)
	if err == nil || CauseOf(err) != HostNotFound || !isLocal(host) {
		return c, err
	}
	found, unknown := lookUpLocal(ctx, host)
	if unknown != nil {
		return nil, err // it says more
	}
	for _, ip := range found {
		if c, err = d.DialContext(ctx, "tcp", net.JoinHostPort(ip.String(), port)); err == nil {
			break
		}
	}
	return c, err
}

// LookUp returns nil if Dial would find the host, else the error of the lookup.
func LookUp(ctx context.Context, host string) error {
	_, err := net.DefaultResolver.LookupHost(ctx, host)
	if err != nil && isLocal(host) {
		if _, unknown := lookUpLocal(ctx, host); unknown == nil {
			return nil
		}
	}
	return err
}

// lookUpLocal sends an mDNS query. Go's own resolver does not, and a binary
// without cgo uses only that one, whatever the system is configured to ask.
func lookUpLocal(ctx context.Context, host string) ([]net.IP, error) {
	ctx, cancel := context.WithTimeout(ctx, localPatience)
	defer cancel()
	to := mdns
	resolver := net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		socket, err := net.ListenUDP("udp4", nil)
		return oneShot{socket, to}, err
	}}
	return resolver.LookupIP(ctx, "ip4", strings.TrimSuffix(host, ".")+".") // the dot prevents search domains
}

// oneShot is a query as in section 5.1 of RFC 6762: it comes from a port of its
// own, and the host answers to it as a DNS server would.
type oneShot struct {
	*net.UDPConn
	to *net.UDPAddr
}

func (o oneShot) Write(b []byte) (int, error) { return o.WriteToUDP(b, o.to) }

func (o oneShot) Read(b []byte) (int, error) {
	n, _, err := o.ReadFromUDP(b)
	return n, err
}

// SetDeadline shortens the deadline of the resolver, which would wait for 5 s
// before it asks again.
func (o oneShot) SetDeadline(t time.Time) error {
	if soon := time.Now().Add(localTry); t.After(soon) {
		t = soon
	}
	return o.UDPConn.SetDeadline(t)
}
