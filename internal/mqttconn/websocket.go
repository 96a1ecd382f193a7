package mqttconn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/gorilla/websocket"
)

func (d dialer) dialWebSocket(ctx context.Context, broker *url.URL) (net.Conn, error) {
	target := *broker
	target.User = nil // the library refuses a URL with credentials
	if target.Path == "" {
		target.Path = "/mqtt"
	}
	// The library's handshake obeys the deadline of ctx but not its cancellation.
	// Closing the connection ends it.
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

// wsConn makes a WebSocket a net.Conn: each Write is one binary message, and
// incoming messages are read as a stream. One reader and one writer at a time.
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
