package mqttconn

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

func (d dialer) dialWebSocket(ctx context.Context, broker *url.URL) (net.Conn, error) {
	target := *broker
	target.User = nil // the library refuses a URL with credentials
	if target.Path == "" {
		target.Path = "/mqtt"
	}
	c, response, err := d.upgrade(ctx, &target, nil)
	authorized := d.username != "" && asksForBasic(response)
	if authorized {
		c, response, err = d.upgrade(ctx, &target, d.basic())
	}
	if err != nil && response != nil {
		return nil, newUpgradeError(&target, response, authorized)
	}
	return c, err
}

// upgrade opens a WebSocket. The response is nil if the server sends none.
func (d dialer) upgrade(ctx context.Context, target *url.URL, header http.Header) (net.Conn, *http.Response, error) {
	// The library's handshake obeys the deadline of ctx but not its cancellation.
	// Closing the connection ends it.
	unwatch := func() bool { return true }
	var first *beginning
	opener := websocket.Dialer{
		NetDialContext: func(dialing context.Context, _, address string) (net.Conn, error) {
			c, err := d.dialTCP(dialing, address)
			if err != nil {
				return nil, err
			}
			unwatch = context.AfterFunc(ctx, func() { _ = c.Close() })
			first = &beginning{Conn: c}
			return first, nil
		},
		Proxy:           http.ProxyFromEnvironment,
		TLSClientConfig: d.tlsConfig(target.Hostname()),
		Subprotocols:    []string{"mqtt"},
		ReadBufferSize:  readSize,
		WriteBufferSize: readSize,
	}
	ws, response, err := opener.DialContext(ctx, target.String(), header)
	unwatch()
	switch {
	case err == nil:
		return &wsConn{Conn: ws}, nil, nil
	case response != nil:
		return nil, response, err
	}
	return nil, nil, webSocketError(target, err, first)
}

// webSocketError returns why there was no answer in HTTP; first is nil if nothing
// was dialled.
func webSocketError(target *url.URL, err error, first *beginning) error {
	if header, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return tlsError(header)
	}
	if target.Scheme == "ws" && first != nil && strings.HasPrefix(err.Error(), "malformed HTTP") {
		return foreignAnswer(first.read)
	}
	return fmt.Errorf("WebSocket: %w", timeless(plain(err)))
}

// wsConn makes a WebSocket a net.Conn: each Write is one binary message, and
// incoming messages are read as a stream. One reader and one writer at a time.
type wsConn struct {
	*websocket.Conn
	message io.Reader // the one being read; nil before the first and after each
}

// Read takes what has come of a message, however long the message is.
func (c *wsConn) Read(p []byte) (n int, err error) {
	for n == 0 {
		if c.message == nil {
			if _, c.message, err = c.NextReader(); err != nil {
				return 0, wsError(err)
			}
		}
		n, err = c.message.Read(p)
		if err == io.EOF {
			c.message = nil
		} else if err != nil {
			return n, wsError(err)
		}
	}
	return n, nil
}

func wsError(err error) error {
	if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
		return fmt.Errorf("WebSocket closed with code %d: %w", closed.Code, io.EOF)
	}
	return err
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
