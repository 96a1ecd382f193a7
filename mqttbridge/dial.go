package mqttbridge

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/gorilla/websocket"

	"arduino-gateway/internal/netdial"
)

// defaultPorts are those that a broker's URL may leave out.
var defaultPorts = map[string]string{"mqtt": "1883", "mqtts": "8883", "ws": "80", "wss": "443"}

// dialer opens connections to brokers, without speaking MQTT.
type dialer struct {
	bind string      // local IP address, "" is any
	tls  *tls.Config // nil: the system's roots
}

// dial connects to mqtt, mqtts, ws or wss://HOST[:PORT][/PATH].
func (d dialer) dial(ctx context.Context, broker *url.URL) (net.Conn, error) {
	switch broker.Scheme {
	case "mqtt":
		return d.dialTCP(ctx, hostPort(broker))
	case "mqtts":
		return d.dialTLS(ctx, broker)
	case "ws", "wss":
		return d.dialWebSocket(ctx, broker)
	default:
		return nil, fmt.Errorf("unknown scheme %q (hint: mqtt, mqtts, ws or wss)", broker.Scheme)
	}
}

func (d dialer) dialTCP(ctx context.Context, address string) (net.Conn, error) {
	var local net.Dialer
	if d.bind != "" {
		ip := net.ParseIP(d.bind)
		if ip == nil {
			return nil, fmt.Errorf("mqtt.bind_address %q is not an IP address", d.bind)
		}
		local.LocalAddr = &net.TCPAddr{IP: ip}
	}
	c, err := netdial.Dial(ctx, &local, address)
	if err != nil {
		return nil, err
	}
	return quietly(c), nil
}

func (d dialer) dialTLS(ctx context.Context, broker *url.URL) (net.Conn, error) {
	raw, err := d.dialTCP(ctx, hostPort(broker))
	if err != nil {
		return nil, err
	}
	secured := tls.Client(raw, d.tlsConfig(broker.Hostname()))
	if err := secured.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, fmt.Errorf("TLS: %w", plain(err))
	}
	return secured, nil
}

func (d dialer) tlsConfig(host string) *tls.Config {
	config := d.tls.Clone()
	if config == nil {
		config = new(tls.Config)
	}
	if config.ServerName == "" {
		config.ServerName = host
	}
	return config
}

func (d dialer) dialWebSocket(ctx context.Context, broker *url.URL) (net.Conn, error) {
	target := *broker
	target.User = nil // the library refuses a URL with credentials
	if target.Path == "" {
		target.Path = "/mqtt"
	}
	// The library's handshake minds the deadline of ctx but not its end: closing
	// the connection under it does.
	unwatch := func() bool { return true }
	opener := websocket.Dialer{
		NetDialContext: func(dialing context.Context, _, address string) (net.Conn, error) {
			c, err := d.dialTCP(dialing, address)
			if err == nil {
				unwatch = context.AfterFunc(ctx, func() { _ = c.Close() })
			}
			return c, err
		},
		Proxy:           http.ProxyFromEnvironment,
		TLSClientConfig: d.tlsConfig(broker.Hostname()),
		Subprotocols:    []string{"mqtt"},
		ReadBufferSize:  readSize,
		WriteBufferSize: readSize,
	}
	ws, response, err := opener.DialContext(ctx, target.String(), nil)
	unwatch()
	if err != nil && response != nil {
		return nil, fmt.Errorf("WebSocket: %w: %s answered %s (hint: check the path, it is often /mqtt or /)",
			err, target.Path, response.Status)
	}
	if err != nil {
		return nil, fmt.Errorf("WebSocket: %w", plain(err))
	}
	return &wsConn{Conn: ws}, nil
}

func hostPort(broker *url.URL) string {
	port := broker.Port()
	if port == "" {
		port = defaultPorts[broker.Scheme]
	}
	return net.JoinHostPort(broker.Hostname(), port)
}

// wsConn makes a WebSocket a net.Conn: what is written goes out as one binary
// message, what comes in is a stream. One reader and one writer at a time.
type wsConn struct {
	*websocket.Conn
	rest []byte // of the message being read
}

func (c *wsConn) Read(p []byte) (int, error) {
	for len(c.rest) == 0 {
		_, message, err := c.ReadMessage()
		var closed *websocket.CloseError
		if errors.As(err, &closed) {
			return 0, fmt.Errorf("WebSocket closed with code %d: %w", closed.Code, io.EOF)
		}
		if err != nil {
			return 0, err
		}
		c.rest = message
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

func (c *wsConn) Write(p []byte) (int, error) {
	if err := c.WriteMessage(websocket.BinaryMessage, p); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (c *wsConn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}
