package broker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"arduino-gateway/internal/logtest"
	"arduino-gateway/internal/mqtttest"
)

// QoS 1 messages arrive in order.
func TestBroker_QoS1InOrder(t *testing.T) {
	b := start(t, nil)
	got := subscribe(t, connect(t, options(b, "reader")), "devices/#", 1, 100)
	writer := connect(t, options(b, "writer"))
	for i := range 100 {
		wait(t, writer.Publish("devices/a/t", 1, false, fmt.Sprint(i)))
		want(t, got, fmt.Sprintf("devices/a/t=%d", i))
	}
}

// Only users with their current password can log in.
func TestBroker_Users(t *testing.T) {
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

// New refuses bad addresses, and addresses beyond loopback without users.
func TestNew_Refuses(t *testing.T) {
	users := map[string]string{"pi": noUser}
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

// A port in use is reported with its cause and a hint.
func TestBroker_PortInUse(t *testing.T) {
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

// Close ends idle, silent and MQTT 5 clients, and may be called twice.
func TestBroker_Close(t *testing.T) {
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
	mqtttest.Eventually(t, "three clients", func() bool { return b.server.Clients.Len() == 3 })

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
		t.Fatal("something still listens")
	}
}

// Run ends without error when its context does.
func TestBroker_Run(t *testing.T) {
	b, err := New(Options{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	mqtttest.Eventually(t, "an address", func() bool { return !strings.HasSuffix(b.Addr(), ":0") })
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

// A second CONNECT makes the library warn and quote the packet: it is logged at
// debug level without it.
func TestBroker_QuietLog(t *testing.T) {
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
