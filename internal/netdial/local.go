package netdial

import (
	"context"
	"net"
	"strings"
	"time"
)

const (
	// localPatience bounds a look for a name in .local: who has it answers within
	// milliseconds, and a query that the air has swallowed is sent once more.
	localPatience = 3 * time.Second
	localTry      = time.Second
)

// mdns is where hosts listen for their names in .local.
var mdns = &net.UDPAddr{IP: net.IPv4(224, 0, 0, 251), Port: 5353}

// isLocal tells of a name that belongs to mDNS.
func isLocal(name string) bool {
	return strings.HasSuffix(strings.ToLower(strings.TrimSuffix(name, ".")), ".local")
}

// Dial connects as the dialer does, over TCP, and also to a host whose name is in
// .local and unknown to the system.
func Dial(ctx context.Context, d *net.Dialer, address string) (net.Conn, error) {
	c, err := d.DialContext(ctx, "tcp", address)
	host, port, _ := net.SplitHostPort(address)
	if err == nil || CauseOf(err) != HostNotFound || !isLocal(host) {
		return c, err
	}
	found, unknown := lookUpLocal(ctx, host)
	if unknown != nil {
		return nil, err // which says more
	}
	for _, ip := range found {
		if c, err = d.DialContext(ctx, "tcp", net.JoinHostPort(ip.String(), port)); err == nil {
			break
		}
	}
	return c, err
}

// LookUp tells whether Dial would find the host; nil is yes.
func LookUp(ctx context.Context, host string) error {
	_, err := net.DefaultResolver.LookupHost(ctx, host)
	if err != nil && isLocal(host) {
		if _, unknown := lookUpLocal(ctx, host); unknown == nil {
			return nil
		}
	}
	return err
}

// lookUpLocal asks the network for a host, as Go's own resolver does not: it is the
// one of a binary without cgo, whatever else the system may have been told to ask.
func lookUpLocal(ctx context.Context, host string) ([]net.IP, error) {
	ctx, cancel := context.WithTimeout(ctx, localPatience)
	defer cancel()
	to := mdns
	resolver := net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		socket, err := net.ListenUDP("udp4", nil)
		return oneShot{socket, to}, err
	}}
	return resolver.LookupIP(ctx, "ip4", strings.TrimSuffix(host, ".")+".") // the dot keeps search domains away
}

// oneShot is a query as section 5.1 of RFC 6762 has it: it comes from a port of its
// own, to which who knows answers as a DNS server would.
type oneShot struct {
	*net.UDPConn
	to *net.UDPAddr
}

func (o oneShot) Write(b []byte) (int, error) { return o.WriteToUDP(b, o.to) }

func (o oneShot) Read(b []byte) (int, error) {
	n, _, err := o.ReadFromUDP(b)
	return n, err
}

// SetDeadline is the resolver's, which would wait for 5 s and then ask again.
func (o oneShot) SetDeadline(t time.Time) error {
	if soon := time.Now().Add(localTry); t.After(soon) {
		t = soon
	}
	return o.UDPConn.SetDeadline(t)
}
