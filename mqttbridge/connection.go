package mqttbridge

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
)

var (
	errNoAnswer       = errors.New("no answer")
	errStalled        = errors.New("the broker takes nothing")
	errUnacknowledged = errors.New("the broker answers, but acknowledges nothing")
)

// connection is one connection's life: dialled, accepted, used, ended. All of
// it runs in the session's goroutine.
type connection struct {
	session *Session
	broker  *url.URL
	conn    *conn
	ledger  *ledger
	client  mqtt.Client
	reason  chan error // capacity 1: why paho gave the connection up
}

// connect gives a connection that the broker has accepted.
func (s *Session) connect(ctx context.Context, broker *url.URL) (*connection, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.times.connect,
		fmt.Errorf("%w within %v: %w", errNoAnswer, s.times.connect, os.ErrDeadlineExceeded))
	defer cancel()
	inner, err := dialer{bind: s.options.BindAddress, tls: s.options.TLS}.dial(ctx, broker)
	if err != nil {
		return nil, connectError(broker, orCause(ctx, err))
	}
	c := &connection{session: s, broker: broker, reason: make(chan error, 1)}
	c.ledger = newLedger(s.source, &s.outbox, s.wake, &s.counted, s.options.MaxInflight)
	c.conn = newConn(inner, s.times.stall, s.hear, c.ledger)
	c.client = mqtt.NewClient(s.pahoOptions(c))
	if err := c.handshake(ctx); err != nil {
		c.end(err)
		return nil, connectError(broker, err)
	}
	return c, nil
}

// orCause says why ctx ended, where an error is only what follows from that; one
// of dialling says more.
func orCause(ctx context.Context, err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ctx.Err() == nil || ok && op.Op == "dial" {
		return err
	}
	return context.Cause(ctx)
}

// handshake sends CONNECT and waits for CONNACK.
func (c *connection) handshake(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { _ = c.conn.fail(context.Cause(ctx)) })
	defer stop()
	token := c.client.Connect().(*mqtt.ConnectToken)
	<-token.Done()
	if code := c.conn.answer.code(); code != 0 {
		return &RefusedError{Code: code}
	}
	err := token.Error()
	if err != nil && c.conn.fail(err) != errClosed {
		err = c.conn.cause // of which paho's words say less
	}
	return err
}

// sessionPresent tells whether the broker has kept this client's session.
func (c *connection) sessionPresent() bool { return c.conn.answer.sessionPresent() }

// serve publishes and listens until the connection is lost, and says why, or
// ctx is cancelled: then it stops in order and returns nil. Nothing of the
// connection is left running when it returns.
func (c *connection) serve(ctx context.Context) error {
	defer c.end(errClosed)
	c.subscribe(ctx)
	halting, halt := context.WithCancel(context.Background())
	draining, drain := context.WithCancel(context.Background())
	defer drain()
	pump := c.newPump(draining.Done(), halting.Done())
	pumped := make(chan struct{})
	go func() {
		defer close(pumped)
		pump.run()
	}()
	defer func() { halt(); <-pumped }()

	select {
	case <-c.conn.lost:
		return c.cause()
	case <-ctx.Done():
	}
	c.unsubscribe()
	drain()
	if limit := c.session.drainTime(); !wait(pumped, limit) {
		c.session.log.Warn("stopped before the broker had all", "waited", limit)
	}
	halt()
	if !wait(pumped, c.session.times.leave) {
		err := c.conn.fail(errStalled) // frees the write that the pump is stuck in
		<-pumped
		return err
	}
	return c.leave(pump.status == offline && c.ledger.drained())
}

// drainTime is how long a stop waits for the broker. A session without readings is
// the last to stop, when others have waited, and has only said what it says again.
func (s *Session) drainTime() time.Duration {
	if s.options.Topic == "" {
		return s.times.leave
	}
	return s.times.drain
}

// newPump begins anew with what the broker has not acknowledged.
func (c *connection) newPump(drain, halt <-chan struct{}) *pump {
	s := c.session
	s.source.Rewind()
	s.outbox.rewind()
	return &pump{conn: c.conn, ledger: c.ledger, source: s.source, outbox: &s.outbox,
		topics: s.topics, options: &s.options, counted: &s.counted, wake: s.wake, drain: drain, halt: halt}
}

// filters are what the session hears.
func (o Options) filters() (filters []string) {
	if o.Topic != "" {
		filters = append(filters, commandFilter(o.Topic))
	}
	if o.Listen != "" {
		filters = append(filters, o.Listen)
	}
	return filters
}

// subscribe asks for the device's commands and waits for the answer, so that
// who reads "online" can send one at once.
func (c *connection) subscribe(ctx context.Context) {
	for _, filter := range c.session.options.filters() {
		token := c.client.Subscribe(filter, 1, nil).(*mqtt.SubscribeToken)
		if err := c.await(ctx, token, c.session.times.answer); err != nil {
			if ctx.Err() == nil {
				c.session.log.Warn("subscribing failed", "topic", filter, "error", err)
			}
			return
		}
		if token.Result()[filter] > 2 {
			c.session.log.Warn("the broker refuses the subscription", "topic", filter,
				"hint", "let this user read the topic in the broker's access rules")
		}
	}
}

// unsubscribe ends the stream of commands before a stop: one that came later
// could get no result. A session that is kept collects them at the broker.
func (c *connection) unsubscribe() {
	if c.session.options.Topic == "" || !c.session.options.CleanSession {
		return
	}
	token := c.client.Unsubscribe(c.session.options.filters()...)
	_ = c.await(context.Background(), token, c.session.times.leave) // commands may come then; no more
}

// leave publishes offline, unless the broker has it already, and disconnects.
// Without the broker's PUBACK it leaves without DISCONNECT, and the broker
// publishes the will.
func (c *connection) leave(said bool) error {
	if topic := c.session.options.StatusTopic; topic != "" && !said {
		token := c.client.Publish(topic, 1, true, offline)
		if err := c.await(context.Background(), token, c.session.times.leave); err != nil {
			return fmt.Errorf("publish %s on %s: %w", offline, topic, err)
		}
	}
	c.client.Disconnect(milliseconds(c.session.times.leave))
	return nil
}

// end closes the connection, if it is still open, for this cause, and waits
// until paho has ended its goroutines.
func (c *connection) end(cause error) {
	_ = c.conn.fail(cause)
	c.client.Disconnect(milliseconds(c.session.times.leave))
}

// cause is why the connection was lost. Where paho closed it, for want of a
// PINGRESP or for a packet that it can't read, paho tells a moment later.
func (c *connection) cause() error {
	if !errors.Is(c.conn.cause, errClosed) {
		return c.conn.cause
	}
	select {
	case reason := <-c.reason:
		return reason
	case <-time.After(c.session.times.leave):
		return errClosed
	}
}

// await waits for a token, but no longer than limit, nor beyond the
// connection's life or ctx.
func (c *connection) await(ctx context.Context, token mqtt.Token, limit time.Duration) error {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-token.Done():
		return token.Error()
	case <-c.conn.lost:
		return c.conn.cause
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return fmt.Errorf("%w within %v", errNoAnswer, limit)
	}
}

// wait tells whether done was closed within the time.
func wait(done <-chan struct{}, limit time.Duration) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}

func milliseconds(d time.Duration) uint { return uint(d.Milliseconds()) }
