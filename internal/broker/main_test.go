package broker

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"go.uber.org/goleak"
)

const patience = 10 * time.Second // far above what anything here takes

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start runs a broker on a free port until the test ends.
func start(t *testing.T, users map[string]string) *Broker {
	t.Helper()
	b, err := New(Options{Listen: "127.0.0.1:0", Users: users})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

func options(b *Broker, id string) *paho.ClientOptions {
	return paho.NewClientOptions().AddBroker("tcp://" + b.Addr()).SetClientID(id).
		SetAutoReconnect(false).SetConnectTimeout(patience).SetProtocolVersion(4)
}

func connect(t *testing.T, o *paho.ClientOptions) paho.Client {
	t.Helper()
	c := paho.NewClient(o)
	wait(t, c.Connect())
	t.Cleanup(func() { c.Disconnect(0) })
	return c
}

func wait(t *testing.T, token paho.Token) {
	t.Helper()
	if !token.WaitTimeout(patience) {
		t.Fatal("no answer from the broker")
	}
	if token.Error() != nil {
		t.Fatal(token.Error())
	}
}

// subscribe returns messages as "topic=payload", with a leading "!" if retained.
func subscribe(t *testing.T, c paho.Client, filter string, qos byte, room int) <-chan string {
	t.Helper()
	got := make(chan string, room)
	wait(t, c.Subscribe(filter, qos, func(_ paho.Client, m paho.Message) {
		text := m.Topic() + "=" + string(m.Payload())
		if m.Retained() {
			text = "!" + text
		}
		select {
		case got <- text:
		case <-t.Context().Done(): // paho waits for this handler
		}
	}))
	settle(t, c)
	return got
}

// settle returns when the broker has handled everything that the client has sent. A
// PUBACK comes before the message goes to subscribers, and a SUBACK before the
// retained messages.
func settle(t *testing.T, c paho.Client) {
	t.Helper()
	wait(t, c.Unsubscribe("unused"))
}

func want(t *testing.T, got <-chan string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		select {
		case g := <-got:
			if g != text {
				t.Fatalf("got %q, want %q", g, text)
			}
		case <-time.After(patience):
			t.Fatalf("%q did not come", text)
		}
	}
}

// killer cuts a client's connection without DISCONNECT, like a power cut.
type killer struct {
	mu   sync.Mutex
	conn net.Conn
}

func (k *killer) into(o *paho.ClientOptions) *paho.ClientOptions {
	return o.SetCustomOpenConnectionFn(func(to *url.URL, _ paho.ClientOptions) (net.Conn, error) {
		conn, err := net.Dial("tcp", to.Host)
		k.mu.Lock()
		k.conn = conn
		k.mu.Unlock()
		return conn, err
	})
}

func (k *killer) kill() {
	k.mu.Lock()
	defer k.mu.Unlock()
	_ = k.conn.Close()
}

// rawV5 connects with MQTT 5 and the given properties, and reads the CONNACK's first byte.
func rawV5(t *testing.T, b *Broker, id string, properties ...byte) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", b.Addr())
	if err != nil {
		t.Fatal(err)
	}
	// flags 02: clean start; keep-alive 60
	body := append([]byte{0, 4, 'M', 'Q', 'T', 'T', 5, 2, 0, 60, byte(len(properties))}, properties...)
	body = append(append(body, 0, byte(len(id))), id...)
	if _, err := c.Write(append([]byte{0x10, byte(len(body))}, body...)); err != nil {
		t.Fatal(err)
	}
	head := make([]byte, 1)
	if _, err := io.ReadFull(c, head); err != nil || head[0] != 0x20 {
		t.Fatalf("CONNACK: % x, %v", head, err)
	}
	return c
}
