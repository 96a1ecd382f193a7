package mqttadmin

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/mqttconn"
	"arduino-gateway/mqttbridge"
)

// List returns what a broker retains on the topics of some filters, as far as it lists it:
// some brokers send no retained message to a wildcard. It ends after maxRetained topics, or
// with ctx.
func List(ctx context.Context, options mqttbridge.Options, broker *url.URL, filters ...string) (map[string]string, error) {
	messages := make(chan device.Message, maxRetained)
	o := probing(options, messages)
	c, err := mqttconn.Dial(ctx, broker, o)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	defer c.Disconnect()
	if err := c.SubscribeAll(ctx, filters...); err != nil {
		return nil, fmt.Errorf("subscribe: %w", err)
	}
	retained := map[string]string{}
	for len(retained) < maxRetained {
		select {
		case m := <-messages:
			retained[m.Topic] = string(m.Payload)
		case <-time.After(quietTime):
			return retained, nil
		case <-c.Lost():
			return retained, c.Cause()
		case <-ctx.Done():
			return retained, context.Cause(ctx)
		}
	}
	return retained, nil
}
