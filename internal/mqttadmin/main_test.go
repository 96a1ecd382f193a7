package mqttadmin

import (
	"context"
	"log/slog"
	"net/url"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"arduino-gateway/device"
	"arduino-gateway/mqttbridge"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds every wait of these tests.
const patience = 30 * time.Second

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// deviceOptions returns the options of a typical device.
func deviceOptions(brokers ...*url.URL) mqttbridge.Options {
	return mqttbridge.Options{Brokers: brokers, ClientID: "uno", CleanSession: true, QoS: 1,
		Topic: "devices/uno", StatusTopic: "devices/uno/status"}
}

// session is a device's session that collects its commands.
type session struct {
	*mqttbridge.Session
	mqttbridge.NopHandler
	commands chan device.Message
}

func (s *session) Message(m device.Message) { s.commands <- m }

// run starts a session that ends with the test.
func run(t *testing.T, o mqttbridge.Options) *session {
	t.Helper()
	s := &session{commands: make(chan device.Message, 10)}
	s.Session = mqttbridge.New(o, nil, s, nil)
	ctx, cancel := context.WithCancel(context.Background())
	var ended sync.WaitGroup
	ended.Go(func() { _ = s.Run(ctx) })
	t.Cleanup(func() { cancel(); ended.Wait() })
	return s
}
