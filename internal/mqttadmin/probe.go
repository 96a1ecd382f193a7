package mqttadmin

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/mqttconn"
	"arduino-gateway/mqttbridge"
)

// Refused reports whether err is a broker's refusal of a client.
func Refused(err error) bool {
	_, refused := errors.AsType[*mqttconn.RefusedError](err)
	return refused
}

// probeWithin leaves time to find out what answers, in the time of a doctor.
const probeWithin = 3 * time.Second

// Probe connects to one broker as a session would, and leaves again. Its client
// ID is random and begins with options.ClientID: it disturbs no session, and
// passes access rules for that prefix. It publishes nothing and returns what is
// retained on the topics; a broker may refuse to send that. If the server closes the
// connection without a word, the error says what it is. ctx bounds it.
func Probe(ctx context.Context, options mqttbridge.Options, broker *url.URL, topics ...string) (retained map[string]string, err error) {
	messages := make(chan device.Message, len(topics))
	o := probing(options, messages)
	o.Times.Connect = probeWithin
	c, err := mqttconn.Dial(ctx, broker, o)
	if mqttconn.ClosedByPeer(err) {
		if answer := mqttconn.Identify(ctx, broker, o); answer != nil {
			return nil, answer
		}
	}
	if err != nil {
		return nil, err
	}
	defer c.Close()
	defer c.Disconnect()
	return readRetained(ctx, c, o.Times.Leave, topics, messages)
}

// probing returns the options of a connection with a random client ID, which collects
// retained messages as long as the channel has room.
func probing(options mqttbridge.Options, messages chan<- device.Message) mqttconn.Options {
	o := connection(options, func(m device.Message) {
		if !m.Retained {
			return
		}
		select {
		case messages <- m:
		default:
		}
	})
	o.ClientID += "-" + rand.Text()[:8]
	if options.Protocol == mqttbridge.Protocol31 {
		o.ClientID = mqttconn.RandomID()
	}
	return o
}

// readRetained reads what the broker has retained. It comes right after the
// SUBACK, or not at all: only time can tell, and patience is that time.
func readRetained(ctx context.Context, c *mqttconn.Conn, patience time.Duration, topics []string, messages <-chan device.Message) (map[string]string, error) {
	retained := map[string]string{}
	if len(topics) == 0 {
		return retained, nil
	}
	if err := c.SubscribeAll(ctx, topics...); err != nil {
		return nil, fmt.Errorf("subscribe: %w", err)
	}
	enough := time.NewTimer(patience)
	defer enough.Stop()
	for len(retained) < len(topics) {
		select {
		case m := <-messages:
			retained[m.Topic] = string(m.Payload)
		case <-enough.C:
			return retained, nil
		case <-c.Lost():
			return retained, c.Cause()
		case <-ctx.Done():
			return retained, context.Cause(ctx)
		}
	}
	return retained, nil
}
