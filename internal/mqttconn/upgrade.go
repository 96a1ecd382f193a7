package mqttconn

import (
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// upgradeError is the answer of a web server that does not open a WebSocket.
type upgradeError struct {
	path, hint string
	status     int
}

func (e *upgradeError) Error() string {
	return fmt.Sprintf("WebSocket: %s answered %d %s (hint: %s)", e.path, e.status, http.StatusText(e.status), e.hint)
}

// newUpgradeError reads an answer. authorized reports whether the request had a
// user's name and password.
func newUpgradeError(target *url.URL, r *http.Response, authorized bool) *upgradeError {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1024))
	return &upgradeError{target.Path, upgradeHint(target, r, string(body), authorized), r.StatusCode}
}

// upgradeHint returns what a user can do about an answer.
func upgradeHint(target *url.URL, r *http.Response, body string, authorized bool) string {
	switch status := r.StatusCode; {
	case status == http.StatusUnauthorized && authorized:
		return "check mqtt.username and the password: the web server before the broker does not accept them"
	case status == http.StatusUnauthorized:
		return "it requires credentials: set mqtt.username and the password"
	case status == http.StatusForbidden:
		return "it does not allow this user or address: check its access rules"
	case status >= 300 && status < 400:
		return redirectHint(target, r)
	case status == http.StatusTooManyRequests:
		return "the limit of connections is reached"
	case status >= 502 && status <= 504:
		return "the web server does not reach the broker behind it"
	case strings.Contains(body, "HTTPS") || strings.Contains(body, "SSL-enabled"):
		// The plain HTTP request was sent to HTTPS port
		return "this port speaks TLS: use wss://"
	}
	return "check the path, it is often /mqtt or /"
}

func redirectHint(target *url.URL, r *http.Response) string {
	to, err := r.Location()
	if err != nil {
		return "check the path, it is often /mqtt or /"
	}
	to = target.ResolveReference(to)
	to.User = nil
	to.Scheme = strings.Replace(to.Scheme, "http", "ws", 1)
	return fmt.Sprintf("it moved: use %.200q", to.String())
}

// asksForBasic reports whether a name and a password in the request may help.
func asksForBasic(r *http.Response) bool {
	return r != nil && r.StatusCode == http.StatusUnauthorized &&
		strings.HasPrefix(strings.ToLower(r.Header.Get("WWW-Authenticate")), "basic")
}

// basic returns the header with the dialer's name and password.
func (d dialer) basic() http.Header {
	return http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(d.username+":"+d.password))}}
}

// beginning keeps the first bytes that a connection reads: an error of the library
// repeats them only in part.
type beginning struct {
	net.Conn
	read []byte // at most longestExcerpt
}

func (c *beginning) NetConn() net.Conn { return c.Conn }

func (c *beginning) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if room := longestExcerpt - len(c.read); room > 0 {
		c.read = append(c.read, p[:min(n, room)]...)
	}
	return n, err
}
