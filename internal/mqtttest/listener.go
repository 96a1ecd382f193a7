package mqtttest

import (
	"errors"
	"net/url"
	"sync"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
)

// patience bounds every wait.
const patience = 30 * time.Second

// Eventually waits until ok, and fails the test if that does not come.
func Eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("did not come: %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// Listener is a client that records all messages.
type Listener struct {
	mqtt.Client
	mu   sync.Mutex
	seen []string // TOPIC PAYLOAD, with a leading "retained " if it was stored
}

// Listen subscribes to everything at a broker. A tune changes the client's options.
func Listen(t testing.TB, broker *url.URL, tune ...func(*mqtt.ClientOptions)) *Listener {
	t.Helper()
	l := new(Listener)
	o := clientOptions(broker)
	o.SetDefaultPublishHandler(func(_ mqtt.Client, m mqtt.Message) { l.take(m) })
	for _, f := range tune {
		f(o)
	}
	l.Client = mqtt.NewClient(o)
	Must(t, l.Connect())
	t.Cleanup(func() { l.Disconnect(250) })
	Must(t, l.Subscribe("#", 1, nil))
	return l
}

// TryConnect returns a client of a broker that may be away or refuse. The caller
// disconnects the client, also after an error.
func TryConnect(broker *url.URL, limit time.Duration) (mqtt.Client, error) {
	client := mqtt.NewClient(clientOptions(broker).SetProtocolVersion(4).SetConnectTimeout(limit))
	token := client.Connect()
	if !token.WaitTimeout(limit) {
		return client, errors.New("no answer")
	}
	return client, token.Error()
}

func clientOptions(broker *url.URL) *mqtt.ClientOptions {
	return mqtt.NewClientOptions().AddBroker(broker.String()).SetAutoReconnect(false)
}

// Must waits for a token and fails the test if it has an error.
func Must(t testing.TB, token mqtt.Token) {
	t.Helper()
	if !token.WaitTimeout(patience) || token.Error() != nil {
		t.Fatalf("token: %v", token.Error())
	}
}

func (l *Listener) take(m mqtt.Message) {
	text := m.Topic() + " " + string(m.Payload())
	if m.Retained() {
		text = "retained " + text
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen = append(l.seen, text)
}

// All returns the messages so far.
func (l *Listener) All() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.seen...)
}

// Last returns the last message seen, "" before one.
func (l *Listener) Last() string {
	all := l.All()
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1]
}

// Wait returns when a message was seen.
func (l *Listener) Wait(t testing.TB, want string) {
	t.Helper()
	defer func() {
		if t.Failed() {
			t.Logf("seen: %q", l.All())
		}
	}()
	Eventually(t, want, func() bool {
		for _, text := range l.All() {
			if text == want {
				return true
			}
		}
		return false
	})
}
