package mqttadmin

import (
	"context"
	"fmt"

	"arduino-gateway/device"
	"arduino-gateway/internal/mqttconn"
	"arduino-gateway/mqttbridge"
)

// Hail publishes a message on a topic, not retained, and returns what is retained on the
// topics, from the first broker that accepts it. Its client ID is random, as that of
// Probe.
func Hail(ctx context.Context, options mqttbridge.Options, topic string, payload []byte, topics ...string) (retained map[string]string, err error) {
	messages := make(chan device.Message, len(topics)+1)
	o := probing(options, messages)
	c, err := mqttconn.DialAny(ctx, options.Brokers, o)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	defer c.Disconnect()
	if retained, err = readRetained(ctx, c, o.Times.Leave, topics, messages); err != nil {
		return nil, err
	}
	if err := c.Publish(ctx, o.Times.Answer, topic, string(payload), false); err != nil {
		return nil, fmt.Errorf("publish on %s: %w", topic, err)
	}
	return retained, nil
}
