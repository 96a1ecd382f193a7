package mqttbridge

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"arduino-gateway/device"
	"arduino-gateway/internal/mosquittotest"
	"arduino-gateway/internal/mqtttest"
	"arduino-gateway/internal/publisher"
)

// mosquitto logs the options of each CONNECT.
func TestSession_ConnectOptions(t *testing.T) {
	broker := mosquittotest.Start(t, "allow_anonymous false",
		"password_file "+mosquittotest.PasswordFile(t, map[string]string{"pi": "secret"}))
	o := deviceOptions(broker.URL())
	o.Username, o.Password = "pi", "secret"
	o.BindAddress = "127.0.0.2"
	o.KeepAlive = 47 * time.Second
	o.CleanSession = false
	for protocol, name := range map[Protocol]string{0: "p2", 3: "p1", 4: "p2"} {
		o.Protocol = protocol
		o.ClientID = fmt.Sprint("uno", protocol)
		run(t, o).waitConnected()
		// New client connected from 127.0.0.2:46091 as uno3 (p1, c0, k47, u'pi').
		broker.WaitLog(fmt.Sprintf("as %s (%s, c0, k47, u'pi')", o.ClientID, name))
	}
	broker.WaitLog("New client connected from 127.0.0.2:")
	broker.WaitLog("Will message specified (7 bytes) (r1, q1)")
}

// Two sessions without a client ID are connected side by side.
func TestSession_EmptyClientIDIsRandom(t *testing.T) {
	broker := mosquittotest.Start(t)
	for _, protocol := range []Protocol{Protocol31, Protocol311} {
		for range 2 { // side by side: the IDs differ
			o := deviceOptions(broker.URL())
			o.ClientID, o.Protocol = "", protocol
			s := run(t, o)
			s.waitConnected()
		}
	}
}

// Each return code is logged once with its words and a hint.
func TestSession_Refusals(t *testing.T) {
	for code, want := range map[byte]string{
		1:    "refused with code 1: unacceptable protocol version",
		2:    "refused with code 2: identifier rejected",
		3:    "refused with code 3: server unavailable",
		4:    "refused with code 4: bad user name or password",
		5:    "refused with code 5: not authorized",
		0x87: "refused with code 135: not authorized",
	} {
		s := run(t, deviceOptions(mqtttest.NewSink(t, 0x20, 2, 0, code).Start(t).URL()))
		mqtttest.Eventually(t, want, func() bool { return s.Stats().Refusals >= 2 })
		s.end()
		if got := s.Stats().Problem; !strings.Contains(got, want) || !strings.Contains(got, "(hint: ") {
			t.Errorf("%q lacks %q", got, want)
		}
		if n := s.log.Count(want); n != 1 {
			t.Errorf("logged %d times:\n%s", n, &s.log)
		}
		if len(s.recorded.all()) > 0 {
			t.Errorf("%q", s.recorded.all())
		}
	}
	if got := Accepted.String(); got != "accepted" {
		t.Error(got)
	}
}

// mosquitto answers a wrong password with code 5.
func TestSession_WrongPassword(t *testing.T) {
	broker := mosquittotest.Start(t, "allow_anonymous false",
		"password_file "+mosquittotest.PasswordFile(t, map[string]string{"pi": "secret"}))
	o := deviceOptions(broker.URL())
	o.Username, o.Password = "pi", "wrong"
	s := run(t, o)
	mqtttest.Eventually(t, "refusal", func() bool { return s.Stats().Refusals > 0 })
	s.end()
	if got := s.Stats().Problem; !strings.Contains(got, "code 5: not authorized") {
		t.Error(got)
	}
}

// Answers that are not a CONNACK are reported with what the user can do.
func TestSession_ServerIsNotABroker(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		want   string
	}{
		"closed":    {"", "closed the connection without an answer"},
		"web":       {"HTTP/1.1 400 Bad Request\r\n\r\n", "a web server answers (hint: a broker's port is usually 1883; for its WebSocket port use ws://"},
		"SSH":       {"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10\r\nInvalid SSH identification string.\r\n", "an SSH server answers (hint: a broker's port is usually 1883"},
		"MQTT 5":    {"\x20\x03\x00\x84\x00", "refused with code 132: unsupported protocol version (hint: the broker speaks another version of MQTT: if it is MQTT 5 only"},
		"cut short": {"\x20\x02\x00", "connect to mqtt://"},
		"not first": {"\xd0\x00\xd0\x00\xd0\x00\xd0\x00", "the answer is not MQTT: d0 00 d0 00"},
	} {
		t.Run(name, func(t *testing.T) {
			s := run(t, deviceOptions(scripted(t, c.answer)))
			mqtttest.Eventually(t, "refusal", func() bool { return s.Stats().Refusals > 0 })
			s.end()
			if got := s.Stats().Problem; !strings.Contains(got, c.want) {
				t.Errorf("%q lacks %q", got, c.want)
			}
		})
	}
}

// scripted is a server that reads a packet, sends one answer and closes.
func scripted(t *testing.T, answer string) *url.URL {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.ReadAtLeast(conn, make([]byte, 1000), 2)
			_, _ = io.WriteString(conn, answer)
			conn.Close()
		}
	}()
	return &url.URL{Scheme: "mqtt", Host: l.Addr().String()}
}

// A server that accepts the connection and stays silent is given up.
func TestSession_BrokerHangsAtConnect(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0") // the kernel accepts the connections, and no program reads them
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, scheme := range []string{"mqtt", "mqtts", "ws"} {
		s := run(t, deviceOptions(&url.URL{Scheme: scheme, Host: l.Addr().String()}), func(s *Session) { s.times.Connect = 50 * time.Millisecond })
		mqtttest.Eventually(t, "refusals", func() bool { return s.Stats().Refusals >= 2 })
		s.end()
		if got := s.Stats().Problem; !strings.Contains(got, "did not answer: is this an MQTT broker?") || strings.Contains(got, "context") {
			t.Error(got)
		}
	}
}

// A stop does not wait for a server that accepts the connection and stays silent.
func TestSession_StopEndsHandshake(t *testing.T) {
	for _, scheme := range []string{"mqtt", "mqtts", "ws", "wss"} {
		t.Run(scheme, func(t *testing.T) {
			l, err := net.Listen("tcp4", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			s := run(t, deviceOptions(&url.URL{Scheme: scheme, Host: l.Addr().String()}),
				func(s *Session) { s.times.Connect = time.Hour })
			silent, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer silent.Close()
			if _, err := silent.Read(make([]byte, 1)); err != nil { // the handshake has begun
				t.Fatal(err)
			}
			s.end()
		})
	}
}

// Missing PUBACKs and PINGRESPs end the connection, a missing SUBACK does not.
func TestSession_BrokerHangsLater(t *testing.T) {
	for name, c := range map[string]struct {
		muted []byte
		loss  string // "" is none
	}{
		"no PUBACK":                {[]byte{3}, "acknowledges nothing"},
		"no PUBACK nor PINGRESP":   {[]byte{3, 12}, "pingresp not received"},
		"no SUBACK, no UNSUBACK":   {[]byte{8, 10}, ""},
		"nothing more but CONNACK": {[]byte{3, 8, 10, 12}, "pingresp not received"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sink := mqtttest.NewSink(t)
			sink.Mute = func(kind byte) bool { return slices.Contains(c.muted, kind) }
			o := deviceOptions(sink.Start(t).URL())
			o.KeepAlive = time.Second
			s := run(t, o, func(s *Session) {
				s.times.Answer, s.drain, s.times.Leave = 20*time.Millisecond, 50*time.Millisecond, 50*time.Millisecond
			})
			s.waitConnected()
			for seq := range uint64(1000) {
				s.source.Add(mqtttest.Numbered(seq + 1))
			}
			if c.loss != "" {
				s.log.Await(t, c.loss)
			}
			s.end()
		})
	}
}

// A broker that answers nothing is waited for once: for its UNSUBACK and for its PUBACKs
// together, and then for the PUBACK of offline.
func TestSession_StopsWithoutAnswers(t *testing.T) {
	t.Parallel()
	const drain, leave = 1200 * time.Millisecond, time.Second
	sink := mqtttest.NewSink(t)
	sink.Mute = func(kind byte) bool { return kind == 3 || kind == 10 }
	s := run(t, deviceOptions(sink.Start(t).URL()), func(s *Session) { s.drain, s.times.Leave = drain, leave })
	s.waitConnected()
	s.source.Add(mqtttest.Numbered(1))
	begin := time.Now()
	s.end()
	if took := time.Since(begin); took > drain+leave+leave*7/10 {
		t.Errorf("stopped after %v", took)
	}
}

// A write without progress ends the connection.
func TestSession_BrokerStopsReading(t *testing.T) {
	release := make(chan struct{})
	sink := mqtttest.NewSink(t)
	sink.Publish = func([]byte) { <-release }
	o := deviceOptions(sink.Start(t).URL())
	t.Cleanup(func() { close(release) })
	o.QoS, o.StatusTopic = 0, ""
	s := run(t, o, func(s *Session) { s.times.Stall = 300 * time.Millisecond })
	s.waitConnected()
	big := mqtttest.Numbered(1)
	big.Readings[0].Value = strings.Repeat("x", 1<<19)
	for seq := range uint64(100) {
		big.Seq = seq + 1
		s.source.Add(big)
	}
	mqtttest.Eventually(t, "loss", func() bool { return s.Stats().Losses > 0 })
	s.log.Await(t, "i/o timeout")
	s.end()
}

// A bind address that cannot be used is reported.
func TestSession_BindAddress(t *testing.T) {
	for bind, want := range map[string]string{
		"eth0":        `mqtt.bind_address "eth0" is not an IP address`,
		"203.0.113.9": "mqtt.bind_address must be an address of this machine",
	} {
		o := deviceOptions(mqtttest.NewSink(t).Start(t).URL())
		o.BindAddress = bind
		s := run(t, o)
		mqtttest.Eventually(t, "refusal", func() bool { return s.Stats().Refusals > 0 })
		s.end()
		if got := s.Stats().Problem; !strings.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
}

// Two clients with one ID are suspected, and logged once.
func TestSession_TwoClientsWithOneID(t *testing.T) {
	broker := mosquittotest.Start(t)
	a := run(t, deviceOptions(broker.URL()))
	b := run(t, deviceOptions(broker.URL()))
	for _, s := range []*running{a, b} {
		mqtttest.Eventually(t, "suspicion", func() bool { return s.Stats().Takeovers > 5 })
	}
	b.end()
	for _, s := range []*running{a, b} {
		s.waitOrEnded()
		if n := s.log.Count("another client may use this client ID"); n != 1 {
			t.Errorf("logged %d times:\n%s", n, &s.log)
		}
		// connects and losses are logged until the suspicion, not for ever
		if n := s.log.Count(); n > 10 {
			t.Errorf("%d lines:\n%s", n, &s.log)
		}
	}
}

// When the other client with the same ID is gone and the connection has settled, the
// problem is over in the log and everywhere else.
func TestSession_TwinIsGone(t *testing.T) {
	broker := mosquittotest.Start(t)
	a := run(t, deviceOptions(broker.URL()), func(s *Session) { s.settle = 200 * time.Millisecond })
	b := run(t, deviceOptions(broker.URL()))
	mqtttest.Eventually(t, "suspicion", func() bool { return a.Stats().Takeovers > 0 })
	b.end()
	mqtttest.Eventually(t, "the end of the suspicion", func() bool { return a.Stats().Connected && a.Stats().Problems == nil })
	if err := a.Err(); err != nil {
		t.Error(err)
	}
	if lines := strings.Split(strings.TrimSpace(a.log.String()), "\n"); !strings.Contains(lines[len(lines)-1], "level=INFO msg=connected") {
		t.Errorf("the last line is not that it is connected:\n%s", &a.log)
	}
}

// With CleanSession false, commands sent while away arrive in order.
func TestSession_KeptSession(t *testing.T) {
	broker := mosquittotest.Start(t)
	o := deviceOptions(broker.URL())
	o.CleanSession = false
	s := run(t, o)
	s.waitConnected()
	mqtttest.Eventually(t, "the subscription", func() bool { return s.Stats().Subscribed })
	s.end()
	listener := mqtttest.Listen(t, broker.URL())
	for i := range 50 {
		mqtttest.Must(t, listener.Publish("devices/uno/set/pwm", 1, false, fmt.Sprint(i)))
	}
	s = run(t, o)
	mqtttest.Eventually(t, "commands", func() bool { return len(s.recorded.got()) == 50 })
	for i, m := range s.recorded.got() {
		if string(m.Payload) != fmt.Sprint(i) || m.Command != "pwm" {
			t.Errorf("%d: %s %s", i, m.Command, m.Payload)
		}
	}
	mqtttest.Eventually(t, "kept session", func() bool { return slices.Contains(s.recorded.all(), "connected true") })
	s.end()
	if strings.Contains(broker.Log(), "Received UNSUBSCRIBE from uno") {
		t.Error("it unsubscribed")
	}
}

// A retained command has the retain flag.
func TestSession_RetainedCommand(t *testing.T) {
	broker := mosquittotest.Start(t)
	listener := mqtttest.Listen(t, broker.URL())
	mqtttest.Must(t, listener.Publish("devices/uno/set/led", 1, true, "on"))
	s := run(t, deviceOptions(broker.URL()))
	mqtttest.Eventually(t, "command", func() bool { return len(s.recorded.got()) == 1 })
	if m := s.recorded.got()[0]; !m.Retained || m.Command != "led" {
		t.Errorf("%+v", m)
	}
}

// The will sets offline after a lost connection, and online follows the reconnect.
func TestSession_Will(t *testing.T) {
	broker := mosquittotest.Start(t)
	listener := mqtttest.Listen(t, broker.URL())
	network := mosquittotest.NewNetwork(t, broker.URL())
	s := run(t, deviceOptions(network.URL()))
	s.SetOnline(true)
	listener.Wait(t, "devices/uno/status online")
	network.SetDown(true) // as a kill -9 of the gateway looks to the broker
	mqtttest.Eventually(t, "will", func() bool { return listener.Last() == "devices/uno/status offline" })
	network.SetDown(false)
	mqtttest.Eventually(t, "online again", func() bool { return listener.Last() == "devices/uno/status online" })
	mqtttest.Listen(t, broker.URL()).Wait(t, "retained devices/uno/status online")
}

// A refused subscription is logged with a hint, and readings go on.
func TestSession_RefusedSubscription(t *testing.T) {
	sink := mqtttest.NewSink(t) // mosquitto grants every subscription and then sends nothing
	sink.Granted = 0x80
	s := run(t, deviceOptions(sink.Start(t).URL()))
	s.log.Await(t, "not subscribed", "devices/uno/set/#: the broker refuses the subscription (hint: ")
	s.source.Add(mqtttest.Numbered(1))
	mqtttest.Eventually(t, "readings go on", func() bool { return s.source.Acked() == 1 })
}

// Results are kept until a broker has them, at most MaxResults.
func TestSession_ResultsOutliveALoss(t *testing.T) {
	broker := mosquittotest.Start(t)
	listener := mqtttest.Listen(t, broker.URL(), func(o *mqtt.ClientOptions) { o.SetClientID("listener") })
	network := mosquittotest.NewNetwork(t, broker.URL())
	network.SetDown(true)
	s := run(t, deviceOptions(network.URL()))
	for i := range publisher.MaxResults + 3 {
		s.Result(fmt.Sprint("c", i), device.Result{Status: device.Done}, nil)
	}
	if n := s.Stats().ResultsDropped; n != 3 {
		t.Errorf("%d dropped", n)
	}
	network.SetDown(false)
	mqtttest.Eventually(t, "results", func() bool { return len(listener.All()) == 1+publisher.MaxResults })
	for i, text := range listener.All()[1:] {
		if want := fmt.Sprintf("devices/uno/result/c%d {", i+3); !strings.HasPrefix(text, want) {
			t.Fatalf("%q, want %q", text, want)
		}
	}
}

// Of several messages to retain on a topic only the last is published, however many
// results are queued, and only its done is called.
func TestSession_RetainOutlivesALoss(t *testing.T) {
	broker := mosquittotest.Start(t)
	network := mosquittotest.NewNetwork(t, broker.URL())
	network.SetDown(true)
	s := run(t, deviceOptions(network.URL()))
	var done atomic.Int64
	for i := range publisher.MaxResults + 3 {
		s.Retain("config/one", []byte("old"), func() { done.Add(100) })
		s.Retain(fmt.Sprint("config/", i), []byte("kept"), func() { done.Add(1) })
		s.Result(fmt.Sprint("c", i), device.Result{Status: device.Done}, nil)
	}
	s.Retain("config/one", []byte("new"), nil)
	if n := s.Stats().ResultsDropped; n != 3 {
		t.Errorf("%d dropped", n)
	}
	network.SetDown(false)
	mqtttest.Eventually(t, "all acknowledged", func() bool { return done.Load() == publisher.MaxResults+3 })
	listener := mqtttest.Listen(t, broker.URL())
	listener.Wait(t, "retained config/one new")
	listener.Wait(t, "retained config/0 kept")
	s.Retain("config/one", nil, func() { done.Store(-1) })
	listener.Wait(t, "config/one ")
	mqtttest.Eventually(t, "acknowledged", func() bool { return done.Load() == -1 })
	fresh := mqtttest.Listen(t, broker.URL())
	mqtttest.Must(t, listener.Publish("end", 1, false, "")) // comes behind all that is retained
	fresh.Wait(t, "end ")
	if all := strings.Join(fresh.All(), "\n"); strings.Contains(all, "config/one") {
		t.Errorf("not cleared:\n%s", all)
	}
}

// Messages on Options.Listen reach the handler, and do not count as commands.
func TestSession_Listen(t *testing.T) {
	broker := mosquittotest.Start(t)
	options := deviceOptions(broker.URL())
	options.Listen = "homeassistant/status"
	s := run(t, options)
	listener := mqtttest.Listen(t, broker.URL())
	s.SetOnline(true)
	listener.Wait(t, "devices/uno/status online")
	mqtttest.Must(t, listener.Publish("homeassistant/status", 1, false, "online"))
	mqtttest.Must(t, listener.Publish("devices/uno/set/led", 1, false, "on"))
	mqtttest.Eventually(t, "both", func() bool { return len(s.recorded.got()) == 2 })
	got := s.recorded.got()
	if m := got[0]; m.Topic != "homeassistant/status" || m.Command != "" || string(m.Payload) != "online" || m.At.IsZero() {
		t.Errorf("%+v", m)
	}
	if m := got[1]; m.Command != "led" || s.Stats().Commands != 1 {
		t.Errorf("%+v", m)
	}
}

// A session without readings and commands only keeps its status.
func TestSession_StatusOnly(t *testing.T) {
	broker := mosquittotest.Start(t)
	listener := mqtttest.Listen(t, broker.URL())
	s := New(Options{Brokers: []*url.URL{broker.URL()}, ClientID: "gw", CleanSession: true,
		StatusTopic: "devices/gateway/gw/status"}, nil, new(recorder), quiet())
	s.SetOnline(true)
	stop := start(t, s)
	listener.Wait(t, "devices/gateway/gw/status online")
	stop()
	mqtttest.Eventually(t, "offline", func() bool { return listener.Last() == "devices/gateway/gw/status offline" })
	if n := strings.Count(broker.Log(), "Received SUBSCRIBE from gw"); n != 1 || !strings.Contains(broker.Log(), "gw 0 devices/gateway/gw/status") {
		t.Errorf("%d subscriptions, and not only to its own status", n)
	}
}
