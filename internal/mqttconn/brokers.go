package mqttconn

import (
	"context"
	"errors"
	"net/url"
	"time"
)

const (
	// ahead is how long a broker may take before the connection to the next one begins.
	ahead = 2 * time.Second
	// remembered is how long a broker that hung, or lost a young connection, is tried
	// last.
	remembered = 5 * time.Minute
)

// Brokers are the brokers that one client may connect to, and what is known of them. It
// is for one goroutine.
type Brokers struct {
	urls      []*url.URL
	asWritten bool
	first     int         // the broker to begin with
	bad       []time.Time // until then it is tried last
}

// NewBrokers returns the list. With asWritten each Dial begins at its first broker, else
// at the one that accepted the client last.
func NewBrokers(urls []*url.URL, asWritten bool) *Brokers {
	return &Brokers{urls: urls, asWritten: asWritten, bad: make([]time.Time, len(urls))}
}

// order returns the numbers of the brokers as they are tried.
func (b *Brokers) order(now time.Time) (order []int) {
	var last []int
	for i := range b.urls {
		n := (b.first + i) % len(b.urls)
		if now.Before(b.bad[n]) {
			last = append(last, n)
		} else {
			order = append(order, n)
		}
	}
	return append(order, last...)
}

// Dial tries the brokers once each, and returns the first connection. If a broker does
// not answer within two seconds, the next one is tried as well. Only one CONNECT is on its
// way at any time, since two brokers of a cluster would end each other's connection with
// one client ID. A CONNECT that has no answer after two seconds is given up for the next
// broker, unless the broker is known to be slow. The error names each broker and why it failed.
func (b *Brokers) Dial(ctx context.Context, o Options) (*Conn, error) {
	if len(b.urls) == 0 {
		return nil, errors.New("no broker to connect to")
	}
	begin := time.Now()
	order := b.order(begin)
	urls, patient := make([]*url.URL, len(order)), make([]bool, len(order))
	for i, n := range order {
		urls[i], patient[i] = b.urls[n], begin.Before(b.bad[n])
	}
	end := newRace(urls, patient, o).run(ctx)
	for _, i := range end.hung {
		b.bad[order[i]] = time.Now().Add(remembered)
	}
	if end.conn == nil {
		return nil, end.err
	}
	won := order[end.winner]
	b.bad[won] = time.Time{}
	if !b.asWritten {
		b.first = won
	}
	return end.conn, nil
}

// Lost remembers the end of a connection from Dial that lived this long. A broker that
// loses young connections is tried last.
func (b *Brokers) Lost(c *Conn, lived time.Duration) {
	if lived >= SettledAfter {
		return
	}
	for n, u := range b.urls {
		if u == c.broker {
			b.bad[n] = time.Now().Add(remembered)
		}
	}
}

// DialAny tries the brokers in order, once each, and returns the first
// connection. The error names each broker and why it failed.
func DialAny(ctx context.Context, brokers []*url.URL, o Options) (*Conn, error) {
	return NewBrokers(brokers, true).Dial(ctx, o)
}
