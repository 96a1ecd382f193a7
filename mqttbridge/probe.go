package mqttbridge

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"arduino-gateway/device"
)

// Probe connects to one broker as a session would, and leaves again. Its client
// ID is a random one that begins with options.ClientID: no other session is
// disturbed, and a broker that goes by the beginning of IDs lets it in. It
// publishes nothing, and gives what is retained on the topics, of which a broker
// may refuse to tell. It is bounded by ctx, and by what bounds any session.
func Probe(ctx context.Context, options Options, broker *url.URL, topics ...string) (retained map[string]string, err error) {
	options = options.withDefaults()
	options.ClientID += "-" + rand.Text()[:8]
	if options.Protocol == 3 {
		options.ClientID = "gw-" + rand.Text()[:20] // at most 23 characters
	}
	options.CleanSession, options.StatusTopic, options.Topic = true, "", ""
	s := New(options, nil, nil, slog.New(slog.DiscardHandler))
	messages := make(chan device.Message, len(topics))
	s.hear = func(m device.Message) {
		if !m.Retained {
			return
		}
		select {
		case messages <- m:
		default:
		}
	}
	c, err := s.connect(ctx, broker)
	if err != nil {
		return nil, err
	}
	defer c.end(errClosed)
	defer c.client.Disconnect(milliseconds(s.times.leave))
	return c.retained(ctx, topics, messages)
}

// retained reads what the broker keeps. It comes right behind the SUBACK, or not
// at all: nothing tells which but some time.
func (c *connection) retained(ctx context.Context, topics []string, messages <-chan device.Message) (map[string]string, error) {
	found := map[string]string{}
	if len(topics) == 0 {
		return found, nil
	}
	filters := map[string]byte{}
	for _, topic := range topics {
		filters[topic] = 0
	}
	if err := c.await(ctx, c.client.SubscribeMultiple(filters, nil), c.session.times.answer); err != nil {
		return nil, fmt.Errorf("subscribe: %w", err)
	}
	enough := time.NewTimer(c.session.times.leave)
	defer enough.Stop()
	for len(found) < len(topics) {
		select {
		case m := <-messages:
			found[m.Topic] = string(m.Payload)
		case <-enough.C:
			return found, nil
		case <-c.conn.lost:
			return found, c.cause()
		case <-ctx.Done():
			return found, context.Cause(ctx)
		}
	}
	return found, nil
}
