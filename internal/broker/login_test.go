package broker

import (
	"io"
	"net"
	"runtime"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"arduino-gateway/internal/mqtttest"
)

// own is a session of the gateway.
func own(b *Broker, id string) *paho.ClientOptions {
	username, password := b.Credentials()
	return options(b, id).SetUsername(username).SetPassword(password)
}

func refused(t *testing.T, o *paho.ClientOptions, want string) {
	t.Helper()
	c := paho.NewClient(o)
	token := c.Connect()
	defer c.Disconnect(0)
	if !token.WaitTimeout(patience) || token.Error() == nil || token.Error().Error() != want {
		t.Fatalf("connect: %v, want %q", token.Error(), want)
	}
}

// A thousand sockets that say nothing keep nobody out.
func TestBroker_SilentSockets(t *testing.T) {
	b := start(t, map[string]string{"phone": hashOf(t, "secret")})
	for range 1024 {
		c, err := net.Dial("tcp", b.Addr())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	connect(t, own(b, "gateway"))
	connect(t, options(b, "phone").SetUsername("phone").SetPassword("secret"))
	if n := b.hook.strangers.len(); n > maxStrangers {
		t.Fatalf("%d strangers, want %d at most", n, maxStrangers)
	}
}

// Memory for a CONNECT is not taken before its length is known to be small.
func TestBroker_LongConnects(t *testing.T) {
	b := start(t, map[string]string{"phone": hashOf(t, "secret")})
	long := packet(0x10, string(make([]byte, 245_000)))[:2000]
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 200 {
		c, err := net.Dial("tcp", b.Addr())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_, _ = c.Write(long)
		_ = c.SetDeadline(time.Now().Add(patience))
		if _, err := c.Read(make([]byte, 1)); err == nil {
			t.Fatal("a CONNECT of 245 kB was answered")
		}
	}
	runtime.ReadMemStats(&after)
	if grown := (after.TotalAlloc - before.TotalAlloc) / 200; grown > 100_000 {
		t.Fatalf("%d bytes allocated for each", grown)
	}
}

// The gateway's own sessions have seats of their own.
func TestBroker_SeatsForTheGateway(t *testing.T) {
	b := start(t, nil)
	b.hook.guests.Store(maxGuests - 1)
	last := connect(t, options(b, "last"))
	refused(t, options(b, "one too many"), "server Unavailable")
	connect(t, own(b, "gateway"))
	last.Disconnect(100)
	mqtttest.Eventually(t, "a free seat", func() bool { return b.hook.guests.Load() < maxGuests })
	connect(t, options(b, "next"))
}

// Nobody else logs in as the gateway, or publishes as one of its devices.
func TestBroker_WhatIsTheGatewaysOwn(t *testing.T) {
	b := start(t, nil)
	b.Protect(map[string]string{"devices/greenhouse": "gw-greenhouse", "devices/gateway/gw": "gw"})
	refused(t, options(b, "gw-greenhouse"), "identifier rejected")
	refused(t, options(b, "x").SetWill("devices/greenhouse/status", "offline", 1, true), "not Authorized")
	refused(t, options(b, "x").SetUsername(ownUser).SetPassword("guess").SetClientID("gw"), "identifier rejected")

	board := connect(t, own(b, "gw-greenhouse"))
	got := subscribe(t, board, "devices/#", 1, 100)
	guest := connect(t, options(b, "guest"))
	for _, topic := range []string{"devices/greenhouse", "devices/greenhouse/status", "devices/greenhouse/temperature", "devices/greenhouse/result/led",
		"devices/greenhouse/settle", "devices/gateway/gw/status"} {
		wait(t, guest.Publish(topic, 0, true, "false"))
	}
	for _, topic := range []string{"devices/greenhouse/set/led", "devices/greenhouse2/status", "devices", "devices/gateway/other/status", "devices/greenhouse/set"} {
		wait(t, guest.Publish(topic, 1, false, "true"))
		want(t, got, topic+"=true")
	}
	wait(t, board.Publish("devices/greenhouse/status", 1, true, "online"))
	want(t, got, "devices/greenhouse/status=online")

	b.Protect(nil)
	wait(t, guest.Publish("devices/greenhouse/status", 1, false, "free"))
	want(t, got, "devices/greenhouse/status=free")
}

// A QoS 1 message on a topic of the gateway is not acknowledged: the connection ends.
func TestBroker_RefusedMessageEndsTheConnection(t *testing.T) {
	b := start(t, nil)
	b.Protect(map[string]string{"devices/greenhouse": "gw"})
	c, err := net.Dial("tcp", b.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	_, _ = c.Write(append(connectPacket("guest", ""), packet(0x32, body("devices/greenhouse/status")+"\x00\x01x")...))
	got, err := io.ReadAll(c)
	if err != nil || len(got) < 4 || got[0] != 0x20 || len(got) > 4 && got[4]>>4 == 4 {
		t.Fatalf("got % x, %v: want a CONNACK and no PUBACK", got, err)
	}
}

func hashOf(t *testing.T, password string) string {
	t.Helper()
	hash, err := HashPassword(password)
	if err != nil {
		t.Fatal(err)
	}
	return hash
}
