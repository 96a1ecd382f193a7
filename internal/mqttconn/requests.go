package mqttconn

import (
	"context"
	"fmt"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
)

// Subscribe asks for the topics of one filter at QoS 1 and waits for the SUBACK.
// It reports whether the broker grants the subscription.
func (c *Conn) Subscribe(ctx context.Context, filter string) (granted bool, err error) {
	if err := checkFilters(filter); err != nil {
		return false, err
	}
	token := c.client.Subscribe(filter, 1, nil).(*mqtt.SubscribeToken)
	if err := c.await(ctx, token, c.times.Answer); err != nil {
		return false, err
	}
	return isGranted(token, filter), nil
}

// isGranted reports whether a SUBACK grants a filter. Another acknowledgement with the
// token's identifier ends the token, too, and grants nothing.
func isGranted(token *mqtt.SubscribeToken, filter string) bool {
	code, answered := token.Result()[filter]
	return answered && token.Error() == nil && code <= 2
}

// Listen asks for the topics of several filters at QoS 0 and does not wait for the
// SUBACK. answered is closed when it has come, or the connection has ended; then granted
// reports whether the broker grants a filter.
func (c *Conn) Listen(filters ...string) (answered <-chan struct{}, granted func(filter string) bool) {
	all := map[string]byte{}
	for _, filter := range filters {
		all[filter] = 0
	}
	token := c.client.SubscribeMultiple(all, nil).(*mqtt.SubscribeToken)
	return token.Done(), func(filter string) bool { return isGranted(token, filter) }
}

// SubscribeAll asks for several filters at QoS 0 in one packet and waits for the
// SUBACK, which may refuse some of them.
func (c *Conn) SubscribeAll(ctx context.Context, filters ...string) error {
	if err := checkFilters(filters...); err != nil {
		return err
	}
	all := map[string]byte{}
	for _, filter := range filters {
		all[filter] = 0
	}
	return c.await(ctx, c.client.SubscribeMultiple(all, nil), c.times.Answer)
}

// Unsubscribe ends subscriptions and waits, at most for limit, until no more
// messages come.
func (c *Conn) Unsubscribe(ctx context.Context, limit time.Duration, filters ...string) error {
	if err := checkFilters(filters...); err != nil {
		return err
	}
	return c.await(ctx, c.client.Unsubscribe(filters...), limit)
}

// Publish publishes one message at QoS 1 and waits, at most for limit, for its
// PUBACK.
func (c *Conn) Publish(ctx context.Context, limit time.Duration, topic, payload string, retain bool) error {
	if err := CheckPublish(topic, len(payload)); err != nil {
		return err
	}
	return c.await(ctx, c.client.Publish(topic, 1, retain, payload), limit)
}

// Clear publishes an empty retained message on each topic, so that the broker
// forgets what it retained there, and waits for all PUBACKs.
func (c *Conn) Clear(ctx context.Context, topics []string) error {
	tokens := make([]mqtt.Token, len(topics))
	for i, topic := range topics {
		if err := CheckPublish(topic, 0); err != nil {
			return fmt.Errorf("clear a topic: %w", err)
		}
		tokens[i] = c.client.Publish(topic, 1, true, "")
	}
	for i, token := range tokens {
		if err := c.await(ctx, token, c.times.Answer); err != nil {
			return fmt.Errorf("clear %s: %w", topics[i], err)
		}
	}
	return nil
}

// await waits for a token, but no longer than limit, nor beyond the connection's
// life or ctx.
func (c *Conn) await(ctx context.Context, token mqtt.Token, limit time.Duration) error {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-token.Done():
		return token.Error()
	case <-c.stream.lost:
		return c.stream.cause
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return fmt.Errorf("%w within %v", errNoAnswer, limit)
	}
}
