package doctor

import (
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"arduino-gateway/internal/control"
	"arduino-gateway/internal/mosquittotest"
	"arduino-gateway/internal/mqtttest"
	"arduino-gateway/mqttbridge"
)

// stopped is the state without a running gateway.
var stopped = running{err: fmt.Errorf("socket: %w", control.ErrNotRunning)}

func brokerLine(b *url.URL) string { return fmt.Sprintf("mqtt: {broker: %q}\n%s", b, oneDevice) }

const unseen = "ok client IDs: whether another client uses them is unknown"

// TestBroker_Accepts checks a broker that accepts the doctor, and that the doctor uses
// no client ID of the configuration.
func TestBroker_Accepts(t *testing.T) {
	b := mosquittotest.Start(t)
	check(t, targetWith(t, brokerLine(b.URL())).broker(t.Context(), stopped),
		"ok broker "+b.URL().String()+": accepts connections", "ok client IDs: none is online at the broker")
	if log := b.Log(); strings.Contains(log, "as pi-uno ") || strings.Contains(log, "as pi ") || !strings.Contains(log, "as pi-doctor-") {
		t.Errorf("a client ID of the configuration was used, or the doctor's was not:\n%s", log)
	}
}

// TestBroker_Refuses has a wrong password, and then the right one.
func TestBroker_Refuses(t *testing.T) {
	b := mosquittotest.Start(t, "allow_anonymous false", "password_file "+mosquittotest.PasswordFile(t, map[string]string{"pi": "secret"}))
	target := targetWith(t, fmt.Sprintf("mqtt: {broker: %q, username: pi}\n%s", b.URL(), oneDevice))
	target.Session.Password = "wrong"
	at := "broker " + b.URL().String()
	check(t, target.broker(t.Context(), stopped), "fail "+at+": refused with code 5: not authorized | check mqtt.username, the password", unseen)
	target.Session.Password = "secret"
	check(t, target.broker(t.Context(), stopped), "ok "+at+": accepts connections", "ok client IDs: none is online")
}

// TestBroker_Unreachable has a broker for each kind of failure.
func TestBroker_Unreachable(t *testing.T) {
	gone := mosquittotest.Start(t)
	gone.Stop()
	there := mosquittotest.Start(t)
	a := mosquittotest.NewAuthority(t)
	secure := mosquittotest.Start(t, a.Server()...)
	socket := mosquittotest.Start(t, "protocol websockets")
	full := mosquittotest.Start(t, "max_connections 1")
	mqtttest.Listen(t, full.URL())
	at := func(scheme string, b *mosquittotest.Broker) *url.URL { return &url.URL{Scheme: scheme, Host: b.Addr()} }
	for _, c := range []struct {
		broker *url.URL
		want   string
	}{
		{at("mqtt", gone), "connection refused: no broker is listening there | sudo systemctl start mosquitto"},
		{at("mqtts", secure), "certificate signed by unknown authority | set mqtt.tls.ca"},
		{at("mqtts", there), "speaks MQTT without TLS | use mqtt://"},
		{at("ws", there), "speaks MQTT without TLS and without WebSocket | use mqtt://"},
		{at("mqtt", secure), "the port speaks TLS | use mqtts://"},
		{at("ws", secure), "the port speaks TLS | wss://"},
		{at("mqtt", socket), "a web server answers | use ws://"},
		{full.URL(), "closes each connection at once | its limit of connections is reached"},
		{&url.URL{Scheme: "mqtt", Host: "nohost.invalid:1883"}, "nohost.invalid | check the spelling"},
	} {
		findings := targetWith(t, brokerLine(c.broker)).broker(t.Context(), stopped)
		text := findings[0].What + " | " + findings[0].Fix
		what, fix, _ := strings.Cut(c.want, " | ")
		if len(findings) != 2 || findings[0].Level != Fail || !strings.Contains(text, what) || !strings.Contains(findings[0].Fix, fix) {
			t.Errorf("%s: %+v, want %s", c.broker, findings, c.want)
		}
	}
}

// TestBroker_Hangs has a server that accepts connections and sends nothing: the check
// ends at the limit.
func TestBroker_Hangs(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	target := targetWith(t, brokerLine(&url.URL{Scheme: "mqtt", Host: l.Addr().String()}))
	ctx, cancel := within(t.Context(), 100*time.Millisecond)
	defer cancel()
	check(t, target.broker(ctx, stopped), "fail broker mqtt://"+l.Addr().String()+": no answer within 100ms | is this an MQTT broker?", unseen)
}

// TestBroker_OneOfAList has a list with one broker down, which is only a warning.
func TestBroker_OneOfAList(t *testing.T) {
	gone := mosquittotest.Start(t)
	gone.Stop()
	there := mosquittotest.Start(t)
	target := targetWith(t, fmt.Sprintf("mqtt: {broker: [%q, %q]}\n%s", gone.URL(), there.URL(), oneDevice))
	check(t, target.broker(t.Context(), stopped), "warn broker "+gone.URL().String()+": connection refused | sudo systemctl",
		"ok broker "+there.URL().String()+": accepts connections", "ok client IDs: none is online")
}

// TestBroker_NoListenerElsewhere expects the advice for mosquitto on another machine,
// which by default accepts only local connections.
func TestBroker_NoListenerElsewhere(t *testing.T) {
	what, fix := noListener(&url.URL{Scheme: "mqtt", Host: "192.0.2.7:1884"})
	if !strings.Contains(what, "as mosquitto 2 does") || !strings.Contains(fix, "`listener 1884`") {
		t.Error(what, fix)
	}
}

// TestBroker_AnotherGatewayWithTheSameIDs detects another gateway by its status, without
// disconnecting it.
func TestBroker_AnotherGatewayWithTheSameIDs(t *testing.T) {
	b := mosquittotest.Start(t)
	target := targetWith(t, brokerLine(b.URL()))
	other := mqttbridge.New(mqttbridge.Options{Brokers: []*url.URL{b.URL()}, ClientID: "pi-uno", CleanSession: true, StatusTopic: "devices/uno/status"}, nil, nil, quiet())
	other.SetOnline(true)
	end := runSession(t, other)
	b.WaitLog("Received PUBLISH from pi-uno")
	seen := target.broker(t.Context(), stopped)
	check(t, seen, "ok broker "+b.URL().String()+": accepts", "warn client IDs: devices/uno/status at "+b.URL().String()+" is online | its own gateway.id")
	if other.Stats().Losses > 0 {
		t.Error("the other was disconnected")
	}
	check(t, target.broker(t.Context(), running{})[1:], "ok client IDs: the running gateway reports it") // it is the one online
	end()
	check(t, target.broker(t.Context(), stopped)[1:], "ok client IDs: none is online")
}

// TestBroker_Embedded checks its address while it is in use, free, and foreign.
func TestBroker_Embedded(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	target := targetWith(t, fmt.Sprintf("mqtt: {broker: embedded, embedded: {listen: %q}}\n%s", l.Addr(), oneDevice))
	check(t, target.broker(t.Context(), stopped), "fail broker embedded: another program listens on "+l.Addr().String()+" | sudo ss -ltnp 'sport = :"+port+"'")
	l.Close()
	check(t, target.broker(t.Context(), stopped), "ok broker embedded: "+l.Addr().String()+" is free")
	check(t, []Finding{mayListen("203.0.113.9:1883")}, "fail broker embedded: cannot assign requested address | an address of this machine")
}

// TestBroker_NotTriedWithoutItsFiles lacks the password file.
func TestBroker_NotTriedWithoutItsFiles(t *testing.T) {
	b := mosquittotest.Start(t)
	target := targetWith(t, brokerLine(b.URL()))
	target.Unready = fmt.Errorf("mqtt.password_file: nowhere (hint: write it)")
	check(t, target.broker(t.Context(), stopped), "warn broker: not checked: see files")
	check(t, target.files(t.Context()), "fail files: mqtt.password_file: nowhere | write it")
}
