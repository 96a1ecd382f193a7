package doctor

import (
	"context"
	"log/slog"
	"sync"
	"testing"

	"arduino-gateway/mqttbridge"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// runSession runs a session until the test, or end, ends it.
func runSession(t *testing.T, s *mqttbridge.Session) (end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Run(ctx)
	}()
	end = sync.OnceFunc(func() { cancel(); <-done })
	t.Cleanup(end)
	return end
}
