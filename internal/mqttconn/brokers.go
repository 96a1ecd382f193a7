package mqttconn

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"time"
)

const (
	// ahead is how long a broker may take before the connection to the next one begins.
	ahead = 2 * time.Second
	// moreAhead is the same after a round in which no broker accepted the client. A NATS
	// node that takes over needs four seconds and more for its CONNACK.
	moreAhead = 5 * time.Second
	// remembered is how long a broker that hung, or lost a young connection, is tried
	// later than others.
	remembered = 5 * time.Minute
)

// repute is what is known of a broker; the least is tried first.
type repute int

const (
	good   repute = iota
	slow          // given up for the next one, or lost a young connection
	silent        // had its whole time and did not answer, or stopped to answer
)

// verdict is what a client remembers of a broker for a while.
type verdict struct {
	repute repute
	until  time.Time
}

func (v verdict) at(now time.Time) repute {
	if now.Before(v.until) {
		return v.repute
	}
	return good
}

// Brokers are the brokers that one client may connect to, and what is known of them. It
// is for one goroutine.
type Brokers struct {
	urls      []*url.URL
	asWritten bool
	first     int // the broker to begin with
	verdicts  []verdict
	fruitless int // rounds in a row in which a broker did not answer and none accepted
}

// NewBrokers returns the list. With asWritten each Dial begins at its first broker, else
// at the one that accepted the client last.
func NewBrokers(urls []*url.URL, asWritten bool) *Brokers {
	return &Brokers{urls: urls, asWritten: asWritten, verdicts: make([]verdict, len(urls))}
}

// order returns the numbers of the brokers as they are tried. Of those that are silent,
// the one that has been so for longest comes first.
func (b *Brokers) order(now time.Time) (order []int) {
	for i := range b.urls {
		order = append(order, (b.first+i)%len(b.urls))
	}
	slices.SortStableFunc(order, func(i, j int) int {
		one, other := b.verdicts[i], b.verdicts[j]
		if one.at(now) == silent && other.at(now) == silent {
			return one.until.Compare(other.until)
		}
		return cmp.Compare(one.at(now), other.at(now))
	})
	return order
}

// patience returns how long a CONNECT waits for its answer before it is given up for the
// next broker. It grows with each round in vain, to the whole time for a CONNACK.
func (b *Brokers) patience(whole time.Duration) time.Duration {
	switch b.fruitless {
	case 0:
		return min(ahead, whole)
	case 1:
		return min(moreAhead, whole)
	}
	return whole
}

// Dial tries the brokers once each, and returns the first connection. If a broker does
// not answer within two seconds, the next one is tried as well. Only one CONNECT is on its
// way at any time, since two brokers of a cluster would end each other's connection with
// one client ID. A CONNECT that has no answer after two seconds is given up for the next
// broker, after five if the round before was in vain, and then only after its whole time.
// It always has its whole time if the others that are left are known to be silent. The
// error names each broker and why it failed.
func (b *Brokers) Dial(ctx context.Context, o Options) (*Conn, error) {
	if len(b.urls) == 0 {
		return nil, errors.New("no broker to connect to")
	}
	begin := time.Now()
	order := b.order(begin)
	entrants := make([]entrant, len(order))
	for i, n := range order {
		entrants[i] = entrant{b.urls[n], b.verdicts[n].at(begin) == silent}
	}
	end := newRace(entrants, b.patience(o.Times.Connect), o).run(ctx)
	for i, repute := range end.reputes {
		if n := order[i]; repute != good && repute >= b.verdicts[n].at(time.Now()) {
			b.judge(n, repute)
		}
	}
	if end.conn == nil {
		if slices.ContainsFunc(end.reputes, func(r repute) bool { return r != good }) {
			b.fruitless++
		}
		return nil, end.err
	}
	won := order[end.winner]
	b.verdicts[won] = verdict{}
	if !b.asWritten {
		b.first = won
	}
	return end.conn, nil
}

func (b *Brokers) judge(n int, r repute) { b.verdicts[n] = verdict{r, time.Now().Add(remembered)} }

// Lost remembers why a connection from Dial ended that lived this long. A broker that
// stopped to answer is tried last; one that loses a young connection is tried after the
// others.
func (b *Brokers) Lost(c *Conn, lived time.Duration, cause error) {
	if lived >= SettledAfter {
		b.fruitless = 0
	}
	n := slices.Index(b.urls, c.broker)
	switch {
	case n < 0:
	case isSilence(cause):
		b.judge(n, silent)
	case lived < SettledAfter:
		b.judge(n, slow)
	}
}

// DialAny tries the brokers in order, once each, and returns the first
// connection. The error names each broker and why it failed.
func DialAny(ctx context.Context, brokers []*url.URL, o Options) (*Conn, error) {
	return NewBrokers(brokers, true).Dial(ctx, o)
}
