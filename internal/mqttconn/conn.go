package mqttconn

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"arduino-gateway/device"
)

// Errors that end a connection from this side.
var (
	ErrStalled        = errors.New("the broker reads nothing")
	errNoAnswer       = errors.New("no answer")
	errUnacknowledged = errors.New("the broker answers, but acknowledges nothing")
)

// Options describe the client that connects.
type Options struct {
	ClientID     string // "" lets the broker choose; then CleanSession must be true
	Username     string // "" sends no credentials
	Password     string
	TLS          *tls.Config   // nil: the system's roots for mqtts and wss
	Protocol     byte          // 3 is MQTT 3.1; 4 is 3.1.1 and the default
	KeepAlive    time.Duration // rounded to whole seconds; default 30 s
	BindAddress  string        // local IP address, "" is any
	CleanSession bool
	WillTopic    string // "" has no will
	Will         string // payload, retained, QoS 1
	Times        Times

	// Message, if set, is called with each message, in the order of arrival. Acked is
	// called with the identifier of each PUBACK from FirstID on. The goroutine that
	// reads the connection calls both, so they must not block.
	Message func(device.Message)
	Acked   func(id uint16)
	// Stuck, if set, is asked at each PINGREQ. True ends the connection: the broker
	// answers pings, but acknowledges nothing.
	Stuck func() bool
	// Open, if set, connects to a broker instead of the network: for tests in which time
	// stands still.
	Open func(ctx context.Context, broker *url.URL) (net.Conn, error)
	// Failed, if set, is called for each broker that has not accepted the client when it
	// was tried with others.
	Failed func()
}

// Times bound everything that waits.
type Times struct {
	Connect time.Duration // dialling, and again the answer to CONNECT
	Stall   time.Duration // a write without progress, or a PINGREQ without an answer
	Answer  time.Duration // a SUBACK, UNSUBACK or PUBACK
	Leave   time.Duration // each step of leaving the broker
}

// DefaultTimes returns the bounds that suit any network.
func DefaultTimes() Times {
	return Times{Connect: 10 * time.Second, Stall: 10 * time.Second, Answer: 5 * time.Second, Leave: 500 * time.Millisecond}
}

// RandomID returns a random client ID that every version of MQTT allows: 3.1
// requires 1 to 23 characters.
func RandomID() string { return "gw-" + rand.Text()[:20] }

// Conn is a connection that the broker has accepted. It belongs to one
// goroutine, except Write, Fail, Lost and Cause.
type Conn struct {
	broker *url.URL
	times  Times
	stream *stream
	client mqtt.Client
	reason chan error // capacity 1: why paho gave the connection up
}

// Dial connects to mqtt, mqtts, ws or wss://HOST[:PORT][/PATH] and returns when
// the broker has accepted the client. A refusal is a *RefusedError.
func Dial(ctx context.Context, broker *url.URL, o Options) (*Conn, error) {
	return dialInTurn(ctx, broker, o, func(context.Context) error { return nil })
}

// dialInTurn is Dial, and calls turn before it sends CONNECT.
func dialInTurn(ctx context.Context, broker *url.URL, o Options, turn func(context.Context) error) (*Conn, error) {
	if err := o.check(); err != nil {
		return nil, connectError(broker, err)
	}
	inner, err := o.open(ctx, broker)
	if err != nil {
		return nil, connectError(broker, err)
	}
	if err := turn(ctx); err != nil {
		inner.Close()
		return nil, connectError(broker, err)
	}
	ctx, cancel := o.limit(ctx)
	defer cancel()
	c := &Conn{broker: broker, times: o.Times, stream: newStream(inner, o), reason: make(chan error, 1)}
	c.client = mqtt.NewClient(c.pahoOptions(o))
	if err := c.handshake(ctx); err != nil {
		c.end(err)
		if refused, ok := errors.AsType[*RefusedError](err); ok {
			refused.Credentials = o.credentials()
		}
		return nil, connectError(broker, err)
	}
	return c, nil
}

// limit returns a context that ends after Times.Connect.
func (o Options) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, o.Times.Connect,
		fmt.Errorf("%w within %v: %w", errNoAnswer, o.Times.Connect, os.ErrDeadlineExceeded))
}

// open connects to a broker and sends nothing of MQTT.
func (o Options) open(ctx context.Context, broker *url.URL) (net.Conn, error) {
	ctx, cancel := o.limit(ctx)
	defer cancel()
	open := o.Open
	if open == nil {
		open = dialer{o.BindAddress, o.TLS, o.Username, o.Password}.dial
	}
	inner, err := open(ctx, broker)
	if err != nil {
		return nil, orCause(ctx, err)
	}
	return inner, nil
}

// credentials returns what CONNECT says of the user.
func (o Options) credentials() Credentials {
	switch {
	case o.Username == "":
		return NoCredentials
	case o.Password == "":
		return NameOnly
	}
	return NameAndPassword
}

// orCause returns why ctx ended if err only follows from that. An error of dialling
// is more precise and stays.
func orCause(ctx context.Context, err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ctx.Err() == nil || ok && op.Op == "dial" {
		return err
	}
	return context.Cause(ctx)
}

// handshake sends CONNECT and waits for CONNACK.
func (c *Conn) handshake(ctx context.Context) error {
	defer c.endWith(ctx)()
	token := c.client.Connect().(*mqtt.ConnectToken)
	<-token.Done()
	if code := c.stream.connack.code(); code != 0 {
		return &RefusedError{Code: code}
	}
	err := token.Error()
	if err == nil && ctx.Err() != nil { // it came too late
		err = context.Cause(ctx)
	}
	if err != nil && c.stream.fail(err) != errClosed {
		err = c.stream.cause // paho's words say less
	}
	return err
}

// endWith ends the connection when ctx ends, with DISCONNECT: a broker that was frozen
// and reads the CONNECT later does not publish the will. If its time is over, a web server
// that waits for the end of a line gets one, and shows what it is. The caller must
// call stop.
func (c *Conn) endWith(ctx context.Context) (stop func()) {
	ended := make(chan struct{})
	cancel := context.AfterFunc(ctx, func() {
		defer close(ended)
		c.stream.farewell()
		if errors.Is(context.Cause(ctx), errNoAnswer) {
			c.stream.provoke(c.times.Leave)
		}
		_ = c.stream.fail(context.Cause(ctx))
	})
	return func() {
		if !cancel() {
			<-ended
		}
	}
}

// Broker returns the broker's URL without the password.
func (c *Conn) Broker() string { return c.broker.Redacted() }

// SessionPresent reports whether the broker has kept this client's session.
func (c *Conn) SessionPresent() bool { return c.stream.connack.sessionPresent() }

// Write sends whole packets, with identifiers from FirstID on. An error ends the
// connection. It may be called from any goroutine.
func (c *Conn) Write(packets []byte) (int, error) { return c.stream.send(packets) }

// Fail ends the connection for this cause, unless it has ended, and returns why
// it ended. It also frees a Write that is stuck.
func (c *Conn) Fail(cause error) error { return c.stream.fail(cause) }

// Lost is closed when the connection has ended.
func (c *Conn) Lost() <-chan struct{} { return c.stream.lost }

// Cause returns why the connection was lost; Lost is closed. If paho closed it,
// for a missing PINGRESP or a packet that it cannot read, paho reports that a
// moment later.
func (c *Conn) Cause() error {
	if !errors.Is(c.stream.cause, errClosed) {
		return c.stream.cause
	}
	select {
	case reason := <-c.reason:
		return reason
	case <-time.After(c.times.Leave):
		return errClosed
	}
}

// Disconnect sends DISCONNECT and closes the connection.
func (c *Conn) Disconnect() { c.client.Disconnect(milliseconds(c.times.Leave)) }

// Close closes the connection without DISCONNECT, if it is still open, and waits
// until paho's goroutines have ended. The broker publishes the will.
func (c *Conn) Close() { c.end(errClosed) }

func (c *Conn) end(cause error) {
	_ = c.stream.fail(cause)
	c.Disconnect()
}

func milliseconds(d time.Duration) uint { return uint(d.Milliseconds()) }
