package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// guard lets in who may come, and puts the headers on every answer that keep a
// page from doing what it should not.
type guard struct {
	token  string   // "" asks for none
	cookie string   // its name: cookies don't tell ports apart
	names  []string // of this machine, in lower case
	next   http.Handler
	cross  *http.CrossOriginProtection
}

// private are the top levels under which nobody can register a name, so that a
// name of this machine there is its own.
var private = []string{"", ".local", ".lan", ".home", ".home.arpa", ".internal", ".localdomain"}

// newGuard makes a guard before next. host is this machine's name, and more are
// what it is called elsewhere.
func newGuard(o Options, next http.Handler) *guard {
	g := &guard{token: o.Token, next: next, cross: http.NewCrossOriginProtection(), names: []string{"localhost"}}
	_, port, _ := net.SplitHostPort(o.Listen)
	g.cookie = "gateway_" + port
	for _, domain := range private {
		if o.HostName != "" {
			g.names = append(g.names, strings.ToLower(o.HostName)+domain)
		}
	}
	for _, name := range o.Hosts {
		g.names = append(g.names, strings.ToLower(name))
	}
	return g
}

// securityPolicy lets a page load what this server gave, and nothing else.
const securityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"manifest-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", securityPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), usb=(), serial=()")
	switch {
	case !g.knows(r.Host):
		fail(w, http.StatusMisdirectedRequest, "this is not "+hostOnly(r.Host), "add the name to http.hosts in devices.yaml, if it is this machine's")
	case g.foreign(r):
		fail(w, http.StatusForbidden, "a page of another site asks for this", "")
	default:
		g.next.ServeHTTP(w, r)
	}
}

// knows tells whether a Host names this machine. An address does: only a name
// can be made to point here by somebody else.
func (g *guard) knows(host string) bool {
	name := hostOnly(host)
	if _, err := netip.ParseAddr(name); err == nil {
		return true
	}
	return slices.Contains(g.names, strings.TrimSuffix(strings.ToLower(name), "."))
}

// hostOnly cuts the port off, and the brackets of an IPv6 address.
func hostOnly(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.Trim(host, "[]")
}

// foreign tells whether a browser says that another site's page asks. A link to
// the dashboard may come from anywhere, and changes nothing.
func (g *guard) foreign(r *http.Request) bool {
	if g.cross.Check(r) != nil {
		return true
	}
	site := r.Header.Get("Sec-Fetch-Site")
	return (site == "cross-site" || site == "same-site") && r.Header.Get("Sec-Fetch-Mode") != "navigate"
}

// admitted has a handler serve only who knows the token.
func (g *guard) admitted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !g.knowsToken(r) {
			w.Header().Set("WWW-Authenticate", "Bearer")
			fail(w, http.StatusUnauthorized, "a token is needed", "send Authorization: Bearer TOKEN")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (g *guard) knowsToken(r *http.Request) bool {
	if g.token == "" {
		return true
	}
	if sent, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return same(sent, g.token)
	}
	cookie, err := r.Cookie(g.cookie)
	return err == nil && same(cookie.Value, g.pass())
}

// pass is what the cookie holds: it shows that the token is known, without being it.
func (g *guard) pass() string {
	mac := hmac.New(sha256.New, []byte(g.token))
	mac.Write([]byte("dashboard cookie"))
	return hex.EncodeToString(mac.Sum(nil))
}

// same compares in a time that tells nothing.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// login answers a token with the cookie that a browser needs: an event stream
// can't send a header.
func (g *guard) login(w http.ResponseWriter, r *http.Request) {
	var request struct {
		Token string `json:"token"`
	}
	if !readJSON(w, r, &request) {
		return
	}
	if g.token != "" && !same(strings.TrimSpace(request.Token), g.token) {
		fail(w, http.StatusUnauthorized, "this is not the token", "the gateway's log names the file that holds it")
		return
	}
	http.SetCookie(w, &http.Cookie{Name: g.cookie, Value: g.pass(), Path: "/", MaxAge: 365 * 24 * 3600,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil})
	w.WriteHeader(http.StatusNoContent)
}
