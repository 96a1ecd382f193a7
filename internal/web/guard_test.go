package web

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

const on = `{"value":"on"}`

// TestGuard_RefusesOtherSites makes requests as pages of other sites could have a
// browser make them.
func TestGuard_RefusesOtherSites(t *testing.T) {
	f := small()
	url := serve(t, f, func(o *Options) { o.Hosts = []string{"Home.example.org"} })
	command := url + "api/v1/devices/uno/commands/led"
	port := url[strings.LastIndex(url, ":") : len(url)-1]
	for _, c := range []struct {
		method, url string
		code        int
		headers     []string
	}{
		// A name that someone else can make point here.
		{"GET", url, 421, []string{"Host: evil.example" + port}},
		{"GET", url + "api/v1/events", 421, []string{"Host: evil.example"}},
		{"POST", command, 421, []string{"Host: evil.example" + port, "Origin: http://evil.example" + port, "Sec-Fetch-Site: same-origin"}},
		{"GET", url, 421, []string{"Host: pi.evil.example"}},
		{"GET", url, 421, []string{"Host: localhost.evil.example"}},
		// This machine's names.
		{"GET", url, 200, []string{"Host: localhost" + port}},
		{"GET", url, 200, []string{"Host: LOCALHOST."}},
		{"GET", url, 200, []string{"Host: [::1]" + port}},
		{"GET", url, 200, []string{"Host: 192.0.2.1"}},
		{"GET", url, 200, []string{"Host: pi.local"}},
		{"GET", url, 200, []string{"Host: PI"}},
		{"GET", url, 200, []string{"Host: home.example.org"}},
		// A page of another site.
		{"POST", command, 403, []string{asJSON, "Origin: https://evil.example"}},
		{"POST", command, 403, []string{asJSON, "Origin: null"}},
		{"POST", command, 403, []string{asJSON, "Sec-Fetch-Site: cross-site"}},
		{"POST", command, 403, []string{asJSON, "Sec-Fetch-Site: same-site", "Origin: http://127.0.0.1:1"}},
		{"POST", command, 403, []string{asJSON, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate"}},
		{"GET", url + "api/v1/devices", 403, []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"}},
		{"GET", url + "api/v1/events", 403, []string{"Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: cors"}},
		// A link from there, the page itself, and a script.
		{"GET", url, 200, []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate"}},
		{"POST", command, 200, []string{asJSON, "Sec-Fetch-Site: same-origin", "Origin: " + url[:len(url)-1]}},
		{"POST", command, 200, []string{asJSON}},
	} {
		before := len(f.sent)
		code, answer, header := ask(t, c.method, c.url, on, c.headers...)
		if code != c.code {
			t.Errorf("%s %s %q: %d, want %d: %s", c.method, c.url, c.headers, code, c.code, answer)
		}
		if ran := len(f.sent) > before; ran != (c.method == "POST" && c.code == 200) {
			t.Errorf("%q: the command ran: %v", c.headers, ran)
		}
		if header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%q: others are let in", c.headers)
		}
	}
}

// TestGuard_SetsSecurityHeaders looks at the headers of every kind of answer.
func TestGuard_SetsSecurityHeaders(t *testing.T) {
	url := serve(t, small(), nil)
	for _, path := range []string{"", "js/main.js", "css/base.css", "nothing", "api/v1/devices", "api/v1/nothing"} {
		_, body, h := ask(t, "GET", url+path, "")
		policy := h.Get("Content-Security-Policy")
		if policy != securityPolicy || strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") ||
			h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cross-Origin-Resource-Policy") != "same-origin" || h.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %v", path, h)
		}
		for _, bad := range []string{"http://", "https://", "innerHTML", "eval(", "document.write", "insertAdjacentHTML", " style=", " onclick="} {
			if strings.HasPrefix(path, "js/") || path == "" {
				if strings.Contains(body, bad) {
					t.Errorf("%s has %q in it", path, bad)
				}
			}
		}
	}
	for name := range assets() {
		_, body, _ := ask(t, "GET", url+name[1:], "")
		if strings.Contains(strings.ReplaceAll(body, "http://www.w3.org/2000/svg", ""), "://") {
			t.Errorf("%s refers to another place", name)
		}
	}
}

// TestStatic_AnswersNotModified asks again for a file with its ETag.
func TestStatic_AnswersNotModified(t *testing.T) {
	url := serve(t, small(), nil)
	_, _, h := ask(t, "GET", url+"js/main.js", "")
	if code, body, _ := ask(t, "GET", url+"js/main.js", "", "If-None-Match: "+h.Get("ETag")); code != 304 || body != "" {
		t.Errorf("%d %q", code, body)
	}
	if h.Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Errorf("%v", h)
	}
}

const secret = "J4XQZ5R2K7M3W6T8"

// TestGuard_RequiresTheToken asks with right, wrong and missing tokens and cookies.
func TestGuard_RequiresTheToken(t *testing.T) {
	f := small()
	pong := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "pong") })
	url := serve(t, f, func(o *Options) {
		o.Token = secret
		o.More = map[string]http.Handler{"GET /more": pong}
		o.Open = map[string]http.Handler{"GET /open": pong}
	})
	api := url + "api/v1/devices"
	for _, headers := range [][]string{nil, {"Authorization: Bearer " + secret + "x"}, {"Authorization: Bearer "}, {"Authorization: Basic " + secret}, {"Cookie: gateway_0=" + secret}} {
		for _, path := range []string{api, api + "/uno/history", url + "api/v1/events", url + "api/v1/nothing", url + "more"} {
			code, answer, h := ask(t, "GET", path, "", headers...)
			if code != 401 || h.Get("WWW-Authenticate") == "" || !strings.Contains(answer, "missing or wrong token") {
				t.Errorf("%s %q: %d %s", path, headers, code, answer)
			}
		}
	}
	if code, _, _ := ask(t, "POST", api+"/uno/commands/led", on, asJSON); code != 401 || len(f.sent) > 0 {
		t.Errorf("a command without a token: %d", code)
	}
	for _, path := range []string{"", "js/main.js", "open"} { // the page that asks for the token is open
		if code, _, _ := ask(t, "GET", url+path, ""); code != 200 {
			t.Errorf("%s: %d", path, code)
		}
	}
	if code, _, _ := ask(t, "POST", api+"/uno/commands/led", on, asJSON, "Authorization: Bearer "+secret); code != 200 {
		t.Errorf("a command with the token: %d", code)
	}
	login := url + "api/v1/login"
	if code, answer, h := ask(t, "POST", login, `{"token":"wrong"}`, asJSON); code != 401 || h.Get("Set-Cookie") != "" {
		t.Errorf("a wrong token: %d %s", code, answer)
	}
	_, _, h := ask(t, "POST", login, `{"token":" `+secret+`\n"}`, asJSON)
	cookie := h.Get("Set-Cookie")
	if !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Strict") || strings.Contains(cookie, secret) {
		t.Errorf("cookie %q", cookie)
	}
	name, _, _ := strings.Cut(cookie, ";")
	if code, _, _ := ask(t, "GET", api, "", "Cookie: "+name); code != 200 {
		t.Errorf("with the cookie: %d", code)
	}
	if code, _, _ := ask(t, "GET", url+"more", "", "Cookie: "+name); code != 200 {
		t.Errorf("more with the cookie: %d", code)
	}
}

// TestServer_LimitsTheHeader sends a header that does not end.
func TestServer_LimitsTheHeader(t *testing.T) {
	url := serve(t, small(), nil)
	c, err := net.Dial("tcp", strings.Trim(url[len("http:"):], "/"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write([]byte("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + strings.Repeat("x", 2*mostHeader))); err != nil {
		t.Fatal(err)
	}
	_ = c.SetReadDeadline(time.Now().Add(time.Minute))
	answer := make([]byte, 64)
	n, _ := c.Read(answer)
	if !strings.HasPrefix(string(answer[:n]), "HTTP/1.1 431") {
		t.Errorf("%q", answer[:n])
	}
}
