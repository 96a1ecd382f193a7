package mqttadmin

import (
	"context"
	"log/slog"

	"arduino-gateway/device"
	"arduino-gateway/internal/mqttconn"
	"arduino-gateway/mqttbridge"
)

// EndSession ends the session that a broker keeps under options.ClientID, with all that
// waits for it: it connects with a clean session and leaves. It tries until it has
// succeeded; an error is that of ctx. A client that is connected with this ID is
// disconnected.
func EndSession(ctx context.Context, options mqttbridge.Options, log *slog.Logger) error {
	backoff := mqttconn.NewBackoff(options.ReconnectMin, options.ReconnectMax)
	reported := ""
	for ctx.Err() == nil {
		c, err := mqttconn.DialAny(ctx, options.Brokers, connection(options, func(device.Message) {}))
		if err == nil {
			c.Disconnect()
			c.Close()
			return nil
		}
		if text := err.Error(); ctx.Err() == nil && text != reported {
			reported = text
			log.Warn("cannot end the session of a former client ID, trying again", "client_id", options.ClientID, "error", err)
		}
		backoff.Failed()
		backoff.Sleep(ctx)
	}
	return ctx.Err()
}
