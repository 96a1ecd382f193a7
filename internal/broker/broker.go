package broker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"strings"
	"sync"
	"syscall"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
)

// DefaultListen is where the broker listens unless told otherwise.
const DefaultListen = "127.0.0.1:1883"

// The bounds, each generous for a gateway and small for a Raspberry Pi.
const (
	maxConnections   = 1024
	maxPacket        = 256 << 10 // bytes
	maxWritesPending = 256       // packets that wait for one subscriber; further ones are dropped
	maxInflight      = 8192      // unacknowledged messages of one client, or kept for it while away
	maxTopicAliases  = 64
	maxSessionAway   = 30 * 24 * 60 * 60 // seconds that an absent client's subscriptions are kept
	maxRetained      = 8000              // topics; below maxInflight: PUBACKs count only after the last of them
)

// Options say where the broker listens and who may come in.
type Options struct {
	Listen string            // host:port; "" is DefaultListen, port 0 a free one
	Users  map[string]string // name to hash, from ParseUsers; nil lets anyone in, on loopback only
	Log    *slog.Logger      // nil discards; what the broker library says comes at debug level
}

// Broker is one broker on one address. It is started once and closed once.
type Broker struct {
	addr   *net.TCPAddr // wanted
	log    *slog.Logger
	gate   *gate
	server *mqtt.Server

	mu       sync.Mutex
	listener *listener // nil before Start
	closed   bool
	ended    chan struct{} // closed when Close is done
}

// New checks the options and listens on nothing yet. It refuses an address that
// others can reach as long as there are no users.
func New(o Options) (*Broker, error) {
	if o.Listen == "" {
		o.Listen = DefaultListen
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	addr, err := net.ResolveTCPAddr("tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("built-in broker: listen %q: %w", o.Listen, err)
	}
	if o.Users == nil && !addr.IP.IsLoopback() {
		return nil, fmt.Errorf("built-in broker: listen %q: anyone on the network could read and send commands (hint: listen on 127.0.0.1, or set mqtt.embedded.users_file)", o.Listen)
	}
	if o.Users != nil && len(o.Users) == 0 {
		return nil, errors.New("built-in broker: there are no users, so nobody could connect (hint: gateway passwd NAME adds one)")
	}
	b := &Broker{addr: addr, log: o.Log, gate: newGate(o.Users), ended: make(chan struct{})}
	b.server = newServer(o.Log)
	if err := b.server.AddHook(newHook(b.server, b.gate, o.Log), nil); err != nil {
		return nil, fmt.Errorf("built-in broker: %w", err)
	}
	return b, nil
}

func newServer(log *slog.Logger) *mqtt.Server {
	limits := mqtt.NewDefaultServerCapabilities()
	limits.MaximumClients = maxConnections
	limits.MaximumPacketSize = maxPacket
	limits.MaximumClientWritesPending = maxWritesPending
	limits.MaximumInflight = maxInflight
	limits.MaximumSessionExpiryInterval = maxSessionAway
	limits.TopicAliasMaximum = maxTopicAliases
	limits.MaximumMessageExpiryInterval = 0 // the default, a day, also ends retained messages
	return mqtt.New(&mqtt.Options{
		Capabilities:           limits,
		SysTopicResendInterval: math.MaxInt32, // seconds: $SYS is never published again
		Logger:                 slog.New(quiet{log.Handler()}),
	})
}

// Start listens, and serves until Close. The error of a port in use wraps
// syscall.EADDRINUSE.
func (b *Broker) Start() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || b.listener != nil {
		return errors.New("built-in broker: started or closed before")
	}
	socket, err := net.Listen("tcp", b.addr.String())
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("built-in broker: %w (hint: another broker runs there; use it with mqtt.broker: mqtt://%s, or change mqtt.embedded.listen)", err, b.addr)
	} else if err != nil {
		return fmt.Errorf("built-in broker: %w", err)
	}
	l := newListener(socket, b.log)
	if err := errors.Join(b.server.AddListener(l), b.server.Serve()); err != nil {
		_ = socket.Close()
		return fmt.Errorf("built-in broker: %w", err)
	}
	b.forgetSys()
	b.listener = l
	return nil
}

// forgetSys drops the $SYS topics that the library retains once at its start:
// figures of that moment, never to be right again.
func (b *Broker) forgetSys() {
	for topic := range b.server.Topics.Retained.GetAll() {
		if strings.HasPrefix(topic, mqtt.SysPrefix) {
			b.server.Topics.RetainMessage(packets.Packet{TopicName: topic})
		}
	}
}

// Addr is where the broker listens, with the port that a 0 became; before Start
// it is where it will.
func (b *Broker) Addr() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.listener == nil {
		return b.addr.String()
	}
	return b.listener.Address()
}

// SetUsers changes who may come in, for a reload of the users' file. Clients
// that are connected stay. Users can be changed, not switched on or off.
func (b *Broker) SetUsers(users map[string]string) error {
	if len(users) == 0 || b.gate.open() {
		return errors.New("built-in broker: users can be changed, but to need none, or to begin to, takes a restart")
	}
	b.gate.set(users)
	return nil
}

// Close ends every connection and waits, for some seconds at most, until all
// that belongs to the broker has ended. Calling it again waits for the first.
func (b *Broker) Close() {
	b.mu.Lock()
	first, started := !b.closed, b.listener != nil
	b.closed = true
	b.mu.Unlock()
	if first {
		if started {
			_ = b.server.Close() // its only error is nil
		}
		close(b.ended)
	}
	<-b.ended
}

// Run starts the broker unless it was, serves until ctx ends, and closes it.
func (b *Broker) Run(ctx context.Context) error {
	b.mu.Lock()
	started := b.listener != nil
	b.mu.Unlock()
	if !started {
		if err := b.Start(); err != nil {
			return err
		}
	}
	<-ctx.Done()
	b.Close()
	return nil
}

// String names the broker in logs.
func (b *Broker) String() string { return "built-in broker " + b.Addr() }
