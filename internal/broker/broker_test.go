package broker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"github.com/mochi-mqtt/server/v2/packets"
	"go.uber.org/goleak"

	"arduino-gateway/internal/logtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 10 * time.Second // far above what anything here takes

// start runs a broker on a free port for the length of a test.
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

// subscribe gives what arrives as "topic=payload", "!" in front when retained.
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
		case <-t.Context().Done(): // paho would wait for us
		}
	}))
	wait(t, c.Unsubscribe("unused")) // answered after the retained messages were queued
	return got
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

func TestQoS1RoundTripInOrder(t *testing.T) {
	b := start(t, nil)
	got := subscribe(t, connect(t, options(b, "reader")), "devices/#", 1, 100)
	writer := connect(t, options(b, "writer"))
	for i := range 100 {
		wait(t, writer.Publish("devices/a/t", 1, false, fmt.Sprint(i)))
		want(t, got, fmt.Sprintf("devices/a/t=%d", i))
	}
}

func TestRetainedIsForLatecomersUntilCleared(t *testing.T) {
	b := start(t, nil)
	writer := connect(t, options(b, "writer"))
	wait(t, writer.Publish("devices/a/status", 1, true, "online"))
	want(t, subscribe(t, connect(t, options(b, "late")), "devices/+/status", 1, 1), "!devices/a/status=online")
	wait(t, writer.Publish("devices/a/status", 1, true, ""))
	if n := b.server.Topics.Retained.Len(); n != 0 {
		t.Fatalf("%d topics are retained after the empty message, want none", n)
	}
}

func TestNoSysTopicsAreLeft(t *testing.T) {
	b := start(t, nil)
	if n := b.server.Topics.Retained.Len(); n != 0 {
		t.Fatalf("%d topics are retained in a fresh broker", n)
	}
}

// TestManyRetainedReachASubscriber has ten times more than the pending writes
// of a client; the library alone drops most of them.
func TestManyRetainedReachASubscriber(t *testing.T) {
	const topics = 10 * maxWritesPending
	b := start(t, nil)
	writer := connect(t, options(b, "writer"))
	for i := range topics {
		wait(t, writer.Publish(fmt.Sprintf("devices/d%d/status", i), 1, true, "online"))
	}
	got := subscribe(t, connect(t, options(b, "dashboard")), "devices/#", 1, topics)
	seen := map[string]bool{}
	for range topics {
		select {
		case text := <-got:
			seen[text] = true
		case <-time.After(patience):
			t.Fatalf("only %d of %d retained messages came", len(seen), topics)
		}
	}
	if len(seen) != topics {
		t.Fatalf("%d different topics came, want %d", len(seen), topics)
	}
}

func TestRetainedTopicsAreBounded(t *testing.T) {
	b := start(t, nil)
	h := newHook(b.server, b.gate, slog.New(slog.DiscardHandler))
	if !h.mayRetain(true, "t", []byte("x")) || h.mayRetain(false, "t", []byte("x")) {
		t.Fatal("below the bound a message is retained as its sender wants")
	}
	fillRetained(b)
	for _, c := range []struct {
		topic, payload string
		want           bool
	}{{"new", "x", false}, {"full/0", "x", true}, {"new", "", true}} {
		if got := h.mayRetain(true, c.topic, []byte(c.payload)); got != c.want {
			t.Errorf("retaining %q on %q is %v, want %v", c.payload, c.topic, got, c.want)
		}
	}
	writer := connect(t, options(b, "writer"))
	wait(t, writer.Publish("new", 1, true, "x"))
	if got := b.server.Topics.Retained.Len(); got != maxRetained {
		t.Fatalf("%d topics are retained, want %d", got, maxRetained)
	}
}

func fillRetained(b *Broker) {
	for i := range maxRetained {
		b.server.Topics.RetainMessage(packets.Packet{
			FixedHeader: packets.FixedHeader{Retain: true}, TopicName: fmt.Sprintf("full/%d", i), Payload: []byte("x"),
		})
	}
}

// killer breaks a client's connection from below, as a power cut would.
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

func TestWillOnKillAndNoneOnDisconnect(t *testing.T) {
	b := start(t, nil)
	got := subscribe(t, connect(t, options(b, "reader")), "#", 1, 10)
	var k killer
	connect(t, k.into(options(b, "board").SetWill("devices/a/status", "offline", 1, true)))
	k.kill()
	want(t, got, "devices/a/status=offline")
	want(t, subscribe(t, connect(t, options(b, "late")), "#", 1, 10), "!devices/a/status=offline")

	polite := connect(t, options(b, "polite").SetWill("devices/b/status", "offline", 1, true))
	polite.Disconnect(100)
	wait(t, connect(t, options(b, "writer")).Publish("after", 1, false, "x"))
	want(t, got, "after=x")
}

// TestTakeoverPublishesTheWillFirst connects again and again under one client
// ID: after each connect "online" must be the last word.
func TestTakeoverPublishesTheWillFirst(t *testing.T) {
	const status = "devices/a/status"
	for _, clean := range []bool{true, false} {
		t.Run(fmt.Sprintf("clean %v", clean), func(t *testing.T) {
			b := start(t, nil)
			got := subscribe(t, connect(t, options(b, "reader")), status, 1, 100)
			for i := range 30 {
				c := connect(t, options(b, "board").SetCleanSession(clean).SetWill(status, "offline", 1, true))
				wait(t, c.Publish(status, 1, true, "online"))
				if i > 0 {
					want(t, got, status+"=offline")
				}
				want(t, got, status+"=online")
			}
			if n := b.server.Clients.Len(); n != 2 {
				t.Fatalf("the broker knows %d clients, want 2", n)
			}
		})
	}
}

// TestManyAtOnceWithOneID leaves one of them connected, and known.
func TestManyAtOnceWithOneID(t *testing.T) {
	b := start(t, nil)
	var wg sync.WaitGroup
	clients := make([]paho.Client, 20)
	for i := range clients {
		clients[i] = paho.NewClient(options(b, "twin"))
		wg.Go(func() { clients[i].Connect().WaitTimeout(patience) })
	}
	wg.Wait()
	eventually(t, func() bool {
		open := 0
		for _, c := range clients {
			if c.IsConnectionOpen() {
				open++
			}
		}
		return open == 1
	})
	for _, c := range clients {
		if c.IsConnectionOpen() {
			got := subscribe(t, c, "t", 1, 1)
			wait(t, c.Publish("t", 1, false, "x"))
			want(t, got, "t=x")
		}
		c.Disconnect(0)
	}
	eventually(t, func() bool { return b.server.Clients.Len() == 0 })
}

func eventually(t *testing.T, true func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !true() {
		if time.Now().After(deadline) {
			t.Fatal("it did not become so in time")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestUsersComeInAndOthersDoNot(t *testing.T) {
	b := start(t, map[string]string{"pi": cheapHash(t, "s3cret")})
	login := func(name, password string) error {
		c := paho.NewClient(options(b, "x").SetUsername(name).SetPassword(password))
		defer c.Disconnect(0)
		token := c.Connect()
		if !token.WaitTimeout(patience) {
			return errors.New("no answer")
		}
		return token.Error()
	}
	for range 2 { // the second time from memory
		if err := login("pi", "s3cret"); err != nil {
			t.Fatalf("the right password: %v", err)
		}
	}
	for _, c := range [][2]string{{"pi", "S3cret"}, {"pi", ""}, {"eve", "s3cret"}, {"", ""}} {
		if err := login(c[0], c[1]); err == nil || !strings.Contains(err.Error(), "not Authorized") {
			t.Errorf("login as %q with %q: %v, want to be refused", c[0], c[1], err)
		}
	}
	if err := b.SetUsers(map[string]string{"pi": cheapHash(t, "other")}); err != nil {
		t.Fatal(err)
	}
	if login("pi", "s3cret") == nil || login("pi", "other") != nil {
		t.Fatal("the changed password does not count")
	}
	if b.SetUsers(nil) == nil {
		t.Fatal("users were switched off while it runs")
	}
}

func TestNewRefuses(t *testing.T) {
	users := map[string]string{"pi": nobody}
	cases := []struct {
		listen string
		users  map[string]string
		want   string // "" is fine
	}{
		{"", nil, ""},
		{"[::1]:1883", nil, ""},
		{"127.0.0.2:0", nil, ""},
		{"0.0.0.0:1883", users, ""},
		{":1883", nil, `listen ":1883": anyone on the network could read and send commands (hint: listen on 127.0.0.1, or set mqtt.embedded.users_file)`},
		{"192.0.2.1:1883", nil, "anyone on the network"},
		{"[::]:1883", nil, "anyone on the network"},
		{"127.0.0.1", nil, "missing port"},
		{"127.0.0.1:1883", map[string]string{}, "no users"},
	}
	for _, c := range cases {
		_, err := New(Options{Listen: c.listen, Users: c.users})
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("New(%q): %v, want %q", c.listen, err, c.want)
		}
	}
}

func TestBusyPortIsToldApart(t *testing.T) {
	b := start(t, nil)
	second, err := New(Options{Listen: b.Addr()})
	if err != nil {
		t.Fatal(err)
	}
	err = second.Start()
	if !errors.Is(err, syscall.EADDRINUSE) || !strings.Contains(err.Error(), "hint") {
		t.Fatalf("start on a busy port: %v", err)
	}
	if err := second.Run(t.Context()); !errors.Is(err, syscall.EADDRINUSE) {
		t.Fatalf("run on a busy port: %v", err)
	}
	second.Close()
	if second.Start() == nil {
		t.Fatal("a closed broker started")
	}
}

func TestCloseWithEverySortOfClient(t *testing.T) {
	b := start(t, nil)
	if b.Start() == nil {
		t.Fatal("started twice")
	}
	connect(t, options(b, "idle"))
	connect(t, options(b, "with-a-will").SetWill("a", "b", 1, true))
	silent, err := net.Dial("tcp", b.Addr()) // never sends a CONNECT
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	five := rawV5(t, b, "five")
	defer five.Close()
	eventually(t, func() bool { return b.server.Clients.Len() == 3 })

	began := time.Now()
	b.Close()
	b.Close() // waits, does not panic
	if took := time.Since(began); took > closeTime {
		t.Fatalf("close took %v", took)
	}
	rest, _ := io.ReadAll(five)
	if !bytes.Contains(rest, []byte{0xe0}) { // DISCONNECT
		t.Fatalf("the MQTT 5 client got % x and no DISCONNECT", rest)
	}
	if _, err := net.Dial("tcp", b.Addr()); err == nil {
		t.Fatal("somebody still listens")
	}
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

func TestRunEndsWithItsContext(t *testing.T) {
	b, err := New(Options{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	eventually(t, func() bool { return !strings.HasSuffix(b.Addr(), ":0") })
	if got, want := b.String(), "built-in broker "+b.Addr(); got != want {
		t.Fatalf("String is %q, want %q", got, want)
	}
	cancel()
	select {
	case err := <-done:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(patience):
		t.Fatal("run did not end")
	}
}

// TestExpiredSessionTakesItsSubscriptionsAlong uses MQTT 5, where a client says
// for how long it wants to be remembered.
func TestExpiredSessionTakesItsSubscriptionsAlong(t *testing.T) {
	b := start(t, nil)
	c := rawV5(t, b, "brief", 0x11, 0, 0, 0, 1) // session expiry: a second
	// SUBSCRIBE, packet 1, no properties, filter "a", QoS 0
	if _, err := c.Write([]byte{0x82, 7, 0, 1, 0, 0, 1, 'a', 0}); err != nil {
		t.Fatal(err)
	}
	subscriptions := func() int64 { return atomic.LoadInt64(&b.server.Info.Subscriptions) }
	eventually(t, func() bool { return subscriptions() == 1 })
	_ = c.Close()
	eventually(t, func() bool { return b.server.Clients.Len() == 0 && subscriptions() == 0 })
}

// flaky fails its first accepts, as a process without descriptors does.
type flaky struct {
	net.Listener
	failures atomic.Int32
}

func (f *flaky) Accept() (net.Conn, error) {
	if f.failures.Add(-1) >= 0 {
		return nil, syscall.EMFILE
	}
	return f.Listener.Accept()
}

func TestFailedAcceptsAreRetried(t *testing.T) {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &flaky{Listener: socket}
	f.failures.Store(3)
	l := newListener(f, slog.New(slog.DiscardHandler))
	served := make(chan string, 1)
	go l.Serve(func(id string, c net.Conn) error { served <- id; return nil })
	c, err := net.Dial("tcp", l.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	want(t, served, listenerID)
	f.failures.Store(math.MaxInt32)
	second, _ := net.Dial("tcp", l.Address()) // wakes the accept; now all fail
	defer second.Close()
	eventually(t, func() bool { return f.failures.Load() < math.MaxInt32 })
	l.Close(nil)
	if l.wait(time.Hour) {
		t.Fatal("a closed listener waits")
	}
}

func TestConnectionsAreBounded(t *testing.T) {
	l := newListener(&flaky{}, slog.New(slog.DiscardHandler))
	for range maxConnections {
		l.conns[&conn{}] = struct{}{}
	}
	ours, theirs := net.Pipe()
	l.welcome(ours, nil)
	if _, err := theirs.Read(make([]byte, 1)); err != io.EOF {
		t.Fatalf("one connection too many: %v, want it closed", err)
	}
}

// TestOwnerThatWillNotGo is replaced in the end.
func TestOwnerThatWillNotGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := owners{by: map[string]*conn{}}
		old, c := &conn{ended: make(chan struct{})}, &conn{ended: make(chan struct{})}
		if !o.claim("id", old, nil) {
			t.Fatal("a free ID was not to be had")
		}
		began := time.Now()
		if o.claim("id", c, func(*conn) {}) || time.Since(began) != takeoverTime {
			t.Fatalf("claimed from an owner that stays, after %v", time.Since(began))
		}
		o.release("id", old)
		if o.by["id"] != c {
			t.Fatal("the old owner released what was no longer its own")
		}
		o.release("id", c)
		if len(o.by) != 0 {
			t.Fatal("the ID was not released")
		}
	})
}

// TestLibraryLogIsQuiet sends a second CONNECT, of which the library warns with
// the whole packet.
func TestLibraryLogIsQuiet(t *testing.T) {
	var out logtest.Log
	b, err := New(Options{Listen: "127.0.0.1:0", Log: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Start(); err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	c := rawV5(t, b, "talker")
	defer c.Close()
	body := []byte("\x00\x04MQTT\x04\xc2\x00\x3c\x00\x01a\x00\x02me\x00\x08hunter22")
	if _, err := c.Write(append([]byte{0x10, byte(len(body))}, body...)); err != nil {
		t.Fatal(err)
	}
	_, _ = io.ReadAll(c)
	b.Close()
	log := out.String()
	if !strings.Contains(log, "error processing packet") || strings.Contains(log, "hunter22") || strings.Contains(log, "104 117 110 116 101 114") {
		t.Fatalf("the log should have the warning without the packet:\n%s", log)
	}
	for line := range strings.Lines(log) {
		if !strings.Contains(line, "level=DEBUG") {
			t.Errorf("above debug: %s", line)
		}
	}
}
