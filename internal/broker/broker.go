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

// DefaultListen is the default of Options.Listen.
const DefaultListen = "127.0.0.1:1883"

// The limits: generous for a gateway, and small for a Raspberry Pi.
const (
	maxGuests        = 1024      // clients beside the gateway's own sessions
	maxPacket        = 256 << 10 // bytes
	maxWritesPending = 256       // packets waiting for one subscriber; more are dropped
	maxInflight      = 8192      // unacknowledged messages of one client, or kept while it is away
	maxTopicAliases  = 64
	maxSessionAway   = 30 * 24 * 60 * 60 // seconds to keep the session of a client that is away
)

// Options set the address and the users.
type Options struct {
	Listen string            // host:port; "" is DefaultListen, port 0 a free one
	Users  map[string]string // name to hash, from ParseUsers; nil admits anyone, on loopback only
	Log    *slog.Logger      // nil discards; the broker library logs at debug level
}

// Broker is a broker on one address. It is started once and closed once.
type Broker struct {
	addr   *net.TCPAddr // as configured
	log    *slog.Logger
	hook   *hook
	server *mqtt.Server

	mu       sync.Mutex
	listener *listener // nil before Start
	closed   bool
	ended    chan struct{} // closed when Close is done
}

// New checks the options and does not listen yet. Without users it refuses an
// address that other machines can reach.
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
		return nil, errors.New("built-in broker: no users, so no client could connect (hint: gateway passwd NAME adds one)")
	}
	b := &Broker{addr: addr, log: o.Log, ended: make(chan struct{}), server: newServer(o.Log)}
	b.hook = newHook(b.server, newAuthenticator(o.Users), o.Log)
	if err := b.server.AddHook(b.hook, nil); err != nil {
		return nil, fmt.Errorf("built-in broker: %w", err)
	}
	return b, nil
}

func newServer(log *slog.Logger) *mqtt.Server {
	limits := mqtt.NewDefaultServerCapabilities()
	limits.MaximumClients = math.MaxInt64 // the hook counts
	limits.MaximumPacketSize = maxPacket
	limits.MaximumClientWritesPending = maxWritesPending
	limits.MaximumInflight = maxInflight
	limits.MaximumSessionExpiryInterval = maxSessionAway
	limits.TopicAliasMaximum = maxTopicAliases
	limits.MaximumMessageExpiryInterval = 0 // the default, a day, also removes retained messages
	return mqtt.New(&mqtt.Options{
		Capabilities:           limits,
		SysTopicResendInterval: math.MaxInt32, // seconds: $SYS is never published again
		Logger:                 slog.New(quiet{log.Handler()}),
	})
}

// Start listens and serves until Close. If the port is in use, the error wraps
// syscall.EADDRINUSE.
func (b *Broker) Start() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || b.listener != nil {
		return errors.New("built-in broker: already started or closed")
	}
	socket, err := net.Listen("tcp", b.addr.String())
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("built-in broker: %w (hint: another broker runs there; use it with mqtt.broker: mqtt://%s, or change mqtt.embedded.listen)", err, b.addr)
	} else if err != nil {
		return fmt.Errorf("built-in broker: %w", err)
	}
	l := newListener(socket, b.hook.strangers, b.log)
	if err := errors.Join(b.server.AddListener(l), b.server.Serve()); err != nil {
		_ = socket.Close()
		return fmt.Errorf("built-in broker: %w", err)
	}
	b.forgetSys()
	b.listener = l
	return nil
}

// forgetSys clears the $SYS topics that the library retains at its start: their
// values are never updated.
func (b *Broker) forgetSys() {
	for topic := range b.server.Topics.Retained.GetAll() {
		if strings.HasPrefix(topic, mqtt.SysPrefix) {
			b.server.Topics.RetainMessage(packets.Packet{TopicName: topic})
		}
	}
}

// Addr returns the address on which the broker listens, with its actual port. Before
// Start it is the configured one.
func (b *Broker) Addr() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.listener == nil {
		return b.addr.String()
	}
	return b.listener.Address()
}

// SetUsers replaces the users after a reload of the users file. Connected clients
// stay. Users can be changed, but not switched on or off.
func (b *Broker) SetUsers(users map[string]string) error {
	if len(users) == 0 || b.hook.auth.open() {
		return errors.New("built-in broker: users cannot be switched on or off while it runs (hint: restart the gateway)")
	}
	b.hook.auth.set(users)
	return nil
}

// Credentials returns a user name and a password that no users file can hold, made for
// this Broker. Whoever logs in with them is a session of the gateway: there is room for
// it at all times, and it may do everything.
func (b *Broker) Credentials() (username, password string) {
	return ownUser, b.hook.auth.own
}

// Protect takes the topics of the gateway's sessions, each with its client ID: only the
// gateway publishes below the topic, except that everybody may send commands to
// TOPIC/set, and only the gateway logs in with the client ID. It replaces what was
// protected before.
func (b *Broker) Protect(clientIDs map[string]string) { b.hook.protected.set(clientIDs) }

// Close ends every connection and waits until all goroutines of the broker have
// ended, for some seconds at most. A second call waits for the first.
func (b *Broker) Close() {
	b.mu.Lock()
	first, started := !b.closed, b.listener != nil
	b.closed = true
	b.mu.Unlock()
	if first {
		if started {
			_ = b.server.Close() // always returns nil
		}
		close(b.ended)
	}
	<-b.ended
}

// Run starts the broker if necessary, serves until ctx ends, and closes it.
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
