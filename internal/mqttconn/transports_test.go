package mqttconn

import (
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"arduino-gateway/device"
)

// part is a part of what a broker sends: bytes, and then so many zeros. No real broker
// sends what these tests need.
type part struct {
	head  []byte
	zeros int
}

// writeTo writes a part in pieces.
func (p part) writeTo(w io.Writer) error {
	if _, err := w.Write(p.head); err != nil {
		return err
	}
	zeros := make([]byte, 64<<10)
	for left := p.zeros; left > 0; left -= len(zeros) {
		if _, err := w.Write(zeros[:min(left, len(zeros))]); err != nil {
			return err
		}
	}
	return nil
}

// speak accepts the client that sent CONNECT, sends the parts, and reads until the client
// has closed the connection.
func speak(conn io.ReadWriter, parts []part) {
	if _, err := conn.Read(make([]byte, 1<<10)); err != nil {
		return
	}
	parts = append([]part{{head: []byte{0x20, 2, 0, 0}}}, parts...)
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		for _, p := range parts {
			if p.writeTo(conn) != nil {
				return
			}
		}
	}()
	_, _ = io.Copy(io.Discard, conn)
	<-sent
}

// messages makes each Write a WebSocket message.
type messages struct{ *wsConn }

// oneFrame sends everything in one frame of one message, whatever its length.
//
//	82 7f 00 00 00 00 04 00 00 00   binary, with 64 MB
type oneFrame struct {
	*wsConn
	begun bool
}

func (f *oneFrame) Write(p []byte) (int, error) {
	if !f.begun {
		f.begun = true
		if _, err := f.NetConn().Write(binary.BigEndian.AppendUint64([]byte{0x82, 127}, 1<<40)); err != nil {
			return 0, err
		}
	}
	return f.NetConn().Write(p)
}

// fragments sends everything in one message, a frame for each Write.
type fragments struct {
	*wsConn
	begun bool
}

func (f *fragments) Write(p []byte) (int, error) {
	kind := byte(0x00) // continuation
	if !f.begun {
		kind, f.begun = 0x02, true // binary, more frames follow
	}
	if _, err := f.NetConn().Write(binary.BigEndian.AppendUint64([]byte{kind, 127}, uint64(len(p)))); err != nil {
		return 0, err
	}
	return f.NetConn().Write(p)
}

func raw(t *testing.T, listener net.Listener, parts []part) string {
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		speak(conn, parts)
	}()
	t.Cleanup(func() { listener.Close(); <-done })
	return listener.Addr().String()
}

// transports start a broker that sends the parts to the first client, and return its URL.
func transports(t *testing.T) map[string]func(t *testing.T, parts []part) (string, *tls.Config) {
	wrap := map[string]func(c *wsConn) io.ReadWriter{
		"a message for each write":   func(c *wsConn) io.ReadWriter { return messages{c} },
		"one message in one frame":   func(c *wsConn) io.ReadWriter { return &oneFrame{wsConn: c} },
		"one message in many frames": func(c *wsConn) io.ReadWriter { return &fragments{wsConn: c} },
	}
	web := func(how string, secure bool) func(t *testing.T, parts []part) (string, *tls.Config) {
		return func(t *testing.T, parts []part) (string, *tls.Config) {
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				up := websocket.Upgrader{Subprotocols: []string{"mqtt"}}
				ws, err := up.Upgrade(w, r, nil)
				if err != nil {
					t.Error(err)
					return
				}
				defer ws.Close()
				speak(wrap[how](&wsConn{Conn: ws}), parts)
			}))
			t.Cleanup(server.Close)
			if secure {
				server.StartTLS()
				return "wss://" + server.Listener.Addr().String(), server.Client().Transport.(*http.Transport).TLSClientConfig
			}
			server.Start()
			return "ws://" + server.Listener.Addr().String(), nil
		}
	}
	all := map[string]func(t *testing.T, parts []part) (string, *tls.Config){
		"mqtt": func(t *testing.T, parts []part) (string, *tls.Config) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			return "mqtt://" + raw(t, listener, parts), nil
		},
		"mqtts": func(t *testing.T, parts []part) (string, *tls.Config) {
			cert := httptest.NewTLSServer(nil)
			defer cert.Close()
			listener, err := tls.Listen("tcp", "127.0.0.1:0", cert.TLS)
			if err != nil {
				t.Fatal(err)
			}
			return "mqtts://" + raw(t, listener, parts), cert.Client().Transport.(*http.Transport).TLSClientConfig
		},
		"wss": web("a message for each write", true),
	}
	for how := range wrap {
		all["ws, "+how] = web(how, false)
	}
	return all
}

// fixed returns a fixed header.
func fixed(kind byte, body int) []byte { return binary.AppendUvarint([]byte{kind}, uint64(body)) }

// Over each transport a packet that is too long, or is not one, costs little memory, and
// ends the connection unless it is a message.
func TestDial_HostileBrokerOverEachTransport(t *testing.T) {
	led := []byte("\x32\x0d\x00\x07set/led\x00\x05on")
	big := append(fixed(0x32, 64<<20), "\x00\x07set/big\x00\x06"...)
	for what, c := range map[string]struct {
		parts    []part
		messages string
		cause    string // "" keeps the connection
	}{
		"a command":           {[]part{{head: led}}, "set/led on 2;", ""},
		"in bytes":            {[]part{{head: led[:1]}, {head: led[1:3]}, {head: led[3:9]}, {head: led[9:]}}, "set/led on 2;", ""},
		"a long message":      {[]part{{head: big, zeros: 64<<20 - 11}, {head: led}}, fmt.Sprintf("set/big  %d;set/led on 2;", 64<<20-11), ""},
		"a long SUBACK":       {[]part{{head: fixed(0x90, 250<<20), zeros: 1 << 20}}, "", "malformed packet: type 9 with 262144000 bytes"},
		"a long CONNACK":      {[]part{{head: led}, {head: fixed(0x20, 4097), zeros: 4097}}, "set/led on 2;", "malformed packet: type 2 with 4097 bytes"},
		"a message of a byte": {[]part{{head: []byte{0x30, 1, 0, 0}}}, "", "malformed packet"},
		"no length":           {[]part{{head: []byte{0x30, 255, 255, 255, 255, 255, 255}}}, "", "malformed packet"},
	} {
		for name, start := range transports(t) {
			t.Run(what+" over "+name, func(t *testing.T) {
				address, secured := start(t, c.parts)
				broker, err := url.Parse(address)
				if err != nil {
					t.Fatal(err)
				}
				got := make(chan string, 10)
				o := testOptions()
				o.TLS = secured
				o.Message = func(m device.Message) { got <- fmt.Sprintf("%s %s %d;", m.Topic, m.Payload, m.Size) }
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				conn := dial(t, broker, o)
				all := ""
				for len(all) < len(c.messages) {
					select {
					case m := <-got:
						all += m
					case <-time.After(30 * time.Second):
						t.Fatalf("only %q", all)
					}
				}
				if all != c.messages {
					t.Errorf("%q, want %q", all, c.messages)
				}
				if c.cause != "" {
					<-conn.Lost()
					if err := conn.Cause(); !errors.Is(err, errMalformed) || !strings.Contains(err.Error(), c.cause) {
						t.Errorf("lost: %v", err)
					}
				}
				runtime.ReadMemStats(&after)
				if n := after.TotalAlloc - before.TotalAlloc; n > 16<<20 {
					t.Errorf("%d bytes allocated", n)
				}
			})
		}
	}
}
