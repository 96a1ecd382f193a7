package mqttconn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"arduino-gateway/internal/mqtttest"
)

// cluster is brokers that behave as their host names say, while time stands still. No
// real broker can be made to.
type cluster struct {
	t    *testing.T
	sink *mqtttest.Sink

	mu      sync.Mutex
	tried   []string
	sent    int // CONNECT packets on connections that are open
	most    int // of sent
	goodbye int // connections that ended with DISCONNECT
}

// member is the client's end of a connection to one of them.
type member struct {
	net.Conn
	*cluster
	once, closed sync.Once
}

func (m *member) Write(p []byte) (int, error) {
	m.once.Do(func() { m.count(1) })
	if p[0] == disconnectType<<4 {
		m.mu.Lock()
		m.goodbye++
		m.mu.Unlock()
	}
	return m.Conn.Write(p)
}

func (m *member) Close() error {
	m.once.Do(func() { m.count(1) }) // it will send no CONNECT
	m.closed.Do(func() { m.count(-1) })
	return m.Conn.Close()
}

func (c *cluster) count(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent += n
	c.most = max(c.most, c.sent)
}

func (c *cluster) open(ctx context.Context, broker *url.URL) (net.Conn, error) {
	c.mu.Lock()
	c.tried = append(c.tried, broker.Hostname())
	c.mu.Unlock()
	name, _, _ := strings.Cut(broker.Hostname(), ".")
	near, far := net.Pipe()
	switch name {
	case "off":
		return nil, syscall.ECONNREFUSED
	case "gone": // packets to it vanish
		<-ctx.Done()
		return nil, ctx.Err()
	case "hangs":
		go discard(far)
	case "slow":
		go func() {
			_ = readSome(far)
			time.AfterFunc(3*time.Second, func() { _, _ = far.Write([]byte{0x20, 2, 0, 0}) })
			discard(far)
		}()
	case "late": // as a NATS node after a failover: it ends a connection that asks nothing
		far.SetReadDeadline(time.Now().Add(2 * time.Second))
		go func() {
			if readSome(far) != nil {
				far.Close()
				return
			}
			far.SetReadDeadline(time.Time{})
			time.AfterFunc(4*time.Second, func() { _, _ = far.Write([]byte{0x20, 2, 0, 0}) })
			discard(far)
		}()
	case "closes": // after three seconds
		go func() { _ = readSome(far); time.Sleep(3 * time.Second); far.Close() }()
	case "refuses":
		go func() { _ = readSome(far); _, _ = far.Write([]byte{0x20, 2, 0, 5}); discard(far) }()
	default:
		go c.sink.Serve(far)
	}
	return &member{Conn: near, cluster: c}, nil
}

func readSome(c net.Conn) error { _, err := c.Read(make([]byte, 1000)); return err }

func discard(c net.Conn) {
	for readSome(c) == nil {
	}
	c.Close()
}

func brokers(names string) (urls []*url.URL) {
	for i, name := range strings.Fields(names) {
		urls = append(urls, &url.URL{Scheme: "mqtt", Host: fmt.Sprintf("%s.%d", name, i)})
	}
	return urls
}

// The first broker that accepts the client wins. A slow one delays the next by two
// seconds, and two CONNECT packets are never on their way at the same time.
func TestBrokers_Dial(t *testing.T) {
	for _, c := range []struct {
		brokers string
		winner  int // -1: none
		after   time.Duration
		next    []int // the order of the next Dial
	}{
		{"on", 0, 0, []int{0}},
		{"on on on", 0, 0, []int{0, 1, 2}},
		{"off on on", 1, 0, []int{1, 2, 0}},
		{"refuses off on", 2, 0, []int{2, 0, 1}},
		{"hangs on on", 1, 2 * time.Second, []int{1, 2, 0}},
		{"gone on on", 1, 2 * time.Second, []int{1, 2, 0}},
		{"hangs hangs on", 2, 4 * time.Second, []int{2, 0, 1}},
		{"gone gone on", 2, 4 * time.Second, []int{2, 0, 1}},
		{"hangs off on", 2, 2 * time.Second, []int{2, 1, 0}},
		{"gone off refuses on", 3, 2 * time.Second, []int{3, 1, 2, 0}},
		{"slow", 0, 3 * time.Second, []int{0}},
		{"slow gone", 0, 3 * time.Second, []int{0, 1}},
		{"slow on", 1, 2 * time.Second, []int{1, 0}},
		{"slow slow slow", 2, 7 * time.Second, []int{2, 0, 1}},
		{"slow hangs", -1, 12 * time.Second, []int{0, 1}},
		{"off refuses", -1, 0, []int{0, 1}},
		{"hangs gone", -1, 12 * time.Second, []int{0, 1}},
		{"hangs hangs hangs", -1, 14 * time.Second, []int{0, 1, 2}},
	} {
		sink := mqtttest.NewSink(t)
		t.Run(c.brokers, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				members := &cluster{t: t, sink: sink}
				urls := brokers(c.brokers)
				b, o, failed := NewBrokers(urls, false), testOptions(), 0
				o.Open, o.Failed = members.open, func() { failed++ }
				begin := time.Now()
				conn, err := b.Dial(t.Context(), o)
				if took := time.Since(begin); took < c.after || took > c.after+1500*time.Millisecond { // paho takes half a second at times
					t.Errorf("it took %v, want %v", took, c.after)
				}
				switch {
				case c.winner < 0:
					for _, u := range urls {
						if err == nil || !strings.Contains(err.Error(), u.Host) {
							t.Errorf("error without %s: %v", u.Host, err)
						}
					}
					if failed != len(urls) {
						t.Errorf("%d failures counted", failed)
					}
				case err != nil || conn.Broker() != urls[c.winner].String():
					t.Fatal(err)
				default:
					conn.Close()
				}
				if got := b.order(time.Now()); !slices.Equal(got, c.next) {
					t.Errorf("next order %v, want %v", got, c.next)
				}
				time.Sleep(time.Minute)
				synctest.Wait()
				if members.most > 1 || members.sent != 0 {
					t.Errorf("%d CONNECT at once, %d connections left", members.most, members.sent)
				}
			})
		})
	}
}

// A broker that is known to be slow is not given up for one that hangs.
func TestBrokers_SlowAtLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		members := &cluster{t: t}
		b, o := NewBrokers(brokers("hangs slow"), false), testOptions()
		o.Open = members.open
		var conn *Conn
		for tries := 0; conn == nil; tries++ {
			conn, _ = b.Dial(t.Context(), o)
			if tries > 2 {
				t.Fatal("never connected")
			}
		}
		conn.Close()
		time.Sleep(time.Minute)
		if members.goodbye == 0 {
			t.Error("a CONNECT was given up without DISCONNECT")
		}
	})
}

// A broker that hung is tried last for five minutes. As written, the first is the first
// again then; else the client stays with the one that it has found.
func TestBrokers_Order(t *testing.T) {
	now := time.Now()
	for _, asWritten := range []bool{true, false} {
		b := NewBrokers(brokers("a b c"), asWritten)
		expect := func(at time.Time, asIs, sticky []int) {
			t.Helper()
			want := sticky
			if asWritten {
				want = asIs
			}
			if got := b.order(at); !slices.Equal(got, want) {
				t.Errorf("as written %t: %v, want %v", asWritten, got, want)
			}
		}
		expect(now, []int{0, 1, 2}, []int{0, 1, 2})
		b.verdicts[0] = verdict{slow, now.Add(remembered)}
		if !asWritten {
			b.first = 1
		}
		expect(now, []int{1, 2, 0}, []int{1, 2, 0})
		expect(now.Add(remembered), []int{0, 1, 2}, []int{1, 2, 0})
		b.verdicts[1], b.verdicts[2] = b.verdicts[0], b.verdicts[0]
		expect(now, []int{0, 1, 2}, []int{1, 2, 0})
		b.verdicts = make([]verdict, 3)
		b.Lost(&Conn{broker: b.urls[b.first]}, SettledAfter, io.EOF)
		expect(now, []int{0, 1, 2}, []int{1, 2, 0})
		b.Lost(&Conn{broker: b.urls[b.first]}, time.Second, io.EOF)
		expect(now, []int{1, 2, 0}, []int{2, 0, 1})
	}
}

// The race ends with its context, and leaves nothing behind.
func TestBrokers_Cancelled(t *testing.T) {
	for _, names := range []string{"hangs hangs on", "gone hangs on", "gone gone"} {
		synctest.Test(t, func(t *testing.T) {
			members := &cluster{t: t}
			o := testOptions()
			o.Open = members.open
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			begin := time.Now()
			_, err := NewBrokers(brokers(names), false).Dial(ctx, o)
			if took := time.Since(begin); !errors.Is(err, context.DeadlineExceeded) || took > 4*time.Second {
				t.Errorf("%v after %v", err, took)
			}
			time.Sleep(time.Minute)
			synctest.Wait()
			if members.sent != 0 {
				t.Errorf("%d connections left", members.sent)
			}
		})
	}
}

// A broker that is overtaken is reported as one that did not answer.
func TestBrokers_ErrorOfTheOvertaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := testOptions()
		o.Open = (&cluster{t: t}).open
		_, err := NewBrokers(brokers("hangs refuses"), false).Dial(t.Context(), o)
		if err == nil || !errors.Is(err, os.ErrDeadlineExceeded) || !strings.Contains(err.Error(), "hangs.0: no answer within 2s") || !strings.Contains(err.Error(), "code 5") {
			t.Error(err)
		}
	})
}

// A list connects although each broker needs longer than the patience of the first round,
// and one hangs, wherever that one stands.
func TestBrokers_LateCluster(t *testing.T) {
	for _, names := range []string{"hangs late", "late hangs", "gone late", "late gone", "hangs late late", "late hangs late", "late late hangs", "gone late late", "late late gone"} {
		for _, known := range []bool{false, true} {
			t.Run(fmt.Sprint(names, " known ", known), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					members := &cluster{t: t}
					b, o := NewBrokers(brokers(names), false), testOptions()
					o.Open, o.Times.Connect = members.open, DefaultTimes().Connect
					if known {
						for n, u := range b.urls {
							if !strings.HasPrefix(u.Host, "late") {
								b.Lost(&Conn{broker: u}, time.Hour, errUnacknowledged)
								b.first = n
							}
						}
					}
					begin, limit := time.Now(), 20*time.Second
					if known {
						limit = 8 * time.Second
					}
					for {
						conn, _ := b.Dial(t.Context(), o)
						if conn != nil {
							conn.Close()
							break
						}
						if time.Since(begin) > limit {
							break
						}
					}
					if took := time.Since(begin); took > limit {
						t.Errorf("connected after %v", took)
					}
					time.Sleep(time.Minute)
					synctest.Wait()
					if members.most > 1 || members.sent != 0 {
						t.Errorf("%d CONNECT at once, %d connections left", members.most, members.sent)
					}
				})
			})
		}
	}
}

// A broker that stopped to answer is tried last, also after a long connection and if all
// others are slow. One that closed a long connection stays the first.
func TestBrokers_LostBySilence(t *testing.T) {
	for cause, last := range map[error]bool{
		errUnacknowledged: true, ErrStalled: true, errors.New("pingresp not received, disconnecting"): true,
		syscall.ETIMEDOUT: true, io.EOF: false, syscall.ECONNRESET: false,
	} {
		b := NewBrokers(brokers("a b c"), false)
		b.fruitless = 2
		b.Lost(&Conn{broker: b.urls[0]}, time.Hour, cause)
		b.judge(1, slow)
		b.judge(2, slow)
		want := []int{0, 1, 2}
		if last {
			want = []int{1, 2, 0}
		}
		if got := b.order(time.Now()); !slices.Equal(got, want) || b.fruitless != 0 {
			t.Errorf("%v: order %v, %d rounds in vain", cause, got, b.fruitless)
		}
	}
}

// Who closes the connection, however late, does not hang.
func TestBrokers_ClosedIsNotHung(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := testOptions()
		o.Open = (&cluster{t: t}).open
		b := NewBrokers(brokers("closes"), false)
		if _, err := b.Dial(t.Context(), o); err == nil || b.verdicts[0].repute != good || b.fruitless != 0 {
			t.Errorf("%v, %+v", err, b)
		}
	})
}
