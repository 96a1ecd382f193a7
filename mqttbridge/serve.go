package mqttbridge

import (
	"context"
	"fmt"
	"time"

	"arduino-gateway/internal/mqttconn"
	"arduino-gateway/internal/publisher"
	"arduino-gateway/internal/wake"
)

// serve publishes and receives until the connection is lost, and returns why, or
// until ctx is cancelled: then it stops in order and returns nil. Nothing of the
// connection is left running when it returns.
func (s *Session) serve(ctx context.Context, conn *mqttconn.Conn, stream *publisher.Stream) error {
	asking, stopAsking := context.WithCancel(ctx)
	subscribed := ended(func() { s.subscribe(asking, conn) })
	defer func() { stopAsking(); conn.Close(); <-subscribed }()
	asked := s.subscribeOptional(ctx, conn)
	halting, halt := context.WithCancel(context.Background())
	draining, drain := context.WithCancel(context.Background())
	defer drain()
	if conn.SessionPresent() {
		stream.Resume()
	}
	published := ended(func() { stream.Run(conn, draining.Done(), halting.Done()) })
	defer func() { halt(); <-published }()

	if !s.await(ctx, conn, stream, asked) {
		cause := conn.Cause()
		s.optionalLost(asked, cause)
		return cause
	}
	stopping := time.Now()
	if wait(subscribed, s.times.Leave) {
		s.unsubscribe(conn)
	}
	drain()
	if limit := s.drainTime(); !wait(published, limit-time.Since(stopping)) {
		s.log.Warn("stopped before the broker acknowledged everything", "waited", limit)
	}
	halt()
	if !wait(published, s.times.Leave) {
		err := conn.Fail(mqttconn.ErrStalled) // frees the write that the stream is stuck in
		<-published
		return err
	}
	return s.leave(conn, stream.SaidOffline())
}

// await waits until the connection is lost, or until ctx is cancelled, and reports
// whether the connection is still open.
func (s *Session) await(ctx context.Context, conn *mqttconn.Conn, stream *publisher.Stream, asked *optional) (open bool) {
	settled := time.NewTimer(s.settle)
	defer settled.Stop()
	for {
		due, calm := wake.At(s.status.due()), wake.At(s.refusals.due())
		select {
		case <-conn.Lost():
			return false
		case <-ctx.Done():
			return true
		case <-settled.C:
			s.settled(conn)
		case <-asked.answered:
			s.optionalAnswered(asked)
		case <-s.status.look:
		case <-due.C:
			s.judgeStatus(stream)
		case <-calm.C:
			s.calm()
		}
		due.Stop()
		calm.Stop()
	}
}

// drainTime returns how long a stop waits for the broker's answers to UNSUBSCRIBE and to
// what was published. A session without readings has only its status to repeat, and stops
// after the others.
func (s *Session) drainTime() time.Duration {
	if s.options.Topic == "" {
		return s.times.Leave
	}
	return s.drain
}

// unsubscribe ends the stream of commands before a stop: a later one could get no
// result. If the broker keeps the session, it collects them.
func (s *Session) unsubscribe(conn *mqttconn.Conn) {
	if s.options.Topic == "" || !s.options.CleanSession && s.leaving() == nil {
		return
	}
	// An error means that commands may still come; no more.
	_ = conn.Unsubscribe(context.Background(), s.times.Leave, s.options.filters()...)
}

// leave publishes offline, unless the broker has it already, and disconnects.
// Without the broker's PUBACK it leaves without DISCONNECT, and the broker
// publishes the will.
func (s *Session) leave(conn *mqttconn.Conn, said bool) error {
	if topic := s.options.StatusTopic; topic != "" && !said {
		if err := conn.Publish(context.Background(), s.times.Leave, topic, publisher.Offline, true); err != nil {
			return fmt.Errorf("publish %s on %s: %w", publisher.Offline, topic, err)
		}
	}
	conn.Disconnect()
	return nil
}

// ended runs f in a goroutine. The channel is closed when f has returned.
func ended(f func()) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	return done
}

// wait reports whether done was closed within the time.
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
