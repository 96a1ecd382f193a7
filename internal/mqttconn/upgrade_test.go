package mqttconn

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"arduino-gateway/internal/mosquittotest"
)

// Each answer of a web server that opens no WebSocket has the hint that fits.
func TestDial_WebSocketAnswers(t *testing.T) {
	answers := map[string]int{"/credentials": 401, "/rights": 403, "/down": 502, "/busy": 429, "/page": 200}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch status := answers[r.URL.Path]; {
		case r.URL.Path == "/moved":
			http.Redirect(w, r, "/mqtt/?a=b", http.StatusMovedPermanently)
		case status > 0:
			w.WriteHeader(status)
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	for path, want := range map[string]string{
		"/credentials": "WebSocket: /credentials answered 401 Unauthorized (hint: it requires credentials: set mqtt.username and the password)",
		"/rights":      "WebSocket: /rights answered 403 Forbidden (hint: it does not allow this user or address: check its access rules)",
		"/down":        "WebSocket: /down answered 502 Bad Gateway (hint: the web server does not reach the broker behind it)",
		"/busy":        "WebSocket: /busy answered 429 Too Many Requests (hint: the limit of connections is reached)",
		"/page":        "WebSocket: /page answered 200 OK (hint: check the path, it is often /mqtt or /)",
		"/moved":       `WebSocket: /moved answered 301 Moved Permanently (hint: it moved: use "ws://` + server.Listener.Addr().String() + `/mqtt/?a=b")`,
		"":             "WebSocket: /mqtt answered 404 Not Found (hint: check the path, it is often /mqtt or /)",
	} {
		at := &url.URL{Scheme: "ws", Host: server.Listener.Addr().String(), Path: path}
		if _, err := Dial(t.Context(), at, testOptions()); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}

// A WebSocket to a port for TLS, and to one of another server, names what is there.
func TestDial_WebSocketOtherServers(t *testing.T) {
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	for text, want := range map[string]string{
		"ws://" + secure.Listener.Addr().String():                           "this port speaks TLS: use wss://",
		"ws://" + banner(t, "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10\r\n"):  "an SSH server answers",
		"wss://" + banner(t, "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10\r\n"): "an SSH server answers, without TLS",
		"mqtts://" + banner(t, "HTTP/1.1 400 Bad Request\r\n\r\n"):          "a web server answers, without TLS",
	} {
		at, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Dial(t.Context(), at, testOptions()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// If a web server before the broker asks for a name and a password, it gets those of
// the broker.
func TestDial_WebSocketBasicAuthentication(t *testing.T) {
	broker := mosquittotest.Start(t, "protocol websockets")
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: broker.Addr()})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if name, password, _ := r.BasicAuth(); name != "pi" || password != "secret" {
			w.Header().Set("WWW-Authenticate", `Basic realm="mqtt"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	defer server.Close()
	at := &url.URL{Scheme: "ws", Host: server.Listener.Addr().String()}
	o := testOptions()
	o.Username, o.Password = "pi", "wrong"
	if _, err := Dial(t.Context(), at, o); err == nil || !strings.Contains(err.Error(), "401 Unauthorized (hint: check mqtt.username and the password") {
		t.Error(err)
	}
	o.Password = "secret"
	dial(t, at, o).Close()
}
