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

// guard refuses requests of other hosts and sites and those without the token, and
// sets the security headers of every answer.
type guard struct {
	token  string   // "": none is required
	cookie string   // its name, with the port: browsers share cookies between ports
	names  []string // of this machine, in lower case
	next   http.Handler
	cross  *http.CrossOriginProtection
}

// private are the domains in which names cannot be registered, so that this
// machine's name there is its own.
var private = []string{"", ".local", ".lan", ".home", ".home.arpa", ".internal", ".localdomain"}

// newGuard returns a guard in front of next. It accepts the machine's host name and
// those of Options.Hosts.
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

// securityPolicy lets a page load only what this server serves.
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
		fail(w, http.StatusMisdirectedRequest, "unknown host name "+hostOnly(r.Host), "if it is a name of this machine, add it to http.hosts in devices.yaml")
	case g.foreign(r):
		fail(w, http.StatusForbidden, "request from another web site", "")
	default:
		g.next.ServeHTTP(w, r)
	}
}

// knows reports whether a Host header names this machine. An IP address always does:
// only a name can be made to point here by someone else.
func (g *guard) knows(host string) bool {
	name := hostOnly(host)
	if _, err := netip.ParseAddr(name); err == nil {
		return true
	}
	return slices.Contains(g.names, strings.TrimSuffix(strings.ToLower(name), "."))
}

// hostOnly removes the port, and the brackets of an IPv6 address.
func hostOnly(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.Trim(host, "[]")
}

// foreign reports whether the request comes from another site's page, as the browser
// reports it. Links to the dashboard are allowed from anywhere: they change nothing.
func (g *guard) foreign(r *http.Request) bool {
	if g.cross.Check(r) != nil {
		return true
	}
	site := r.Header.Get("Sec-Fetch-Site")
	return (site == "cross-site" || site == "same-site") && r.Header.Get("Sec-Fetch-Mode") != "navigate"
}

// admitted wraps a handler so that it serves only clients that have the token.
func (g *guard) admitted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !g.knowsToken(r) {
			w.Header().Set("WWW-Authenticate", "Bearer")
			fail(w, http.StatusUnauthorized, "missing or wrong token", "send Authorization: Bearer TOKEN")
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

// pass returns the cookie's value: it proves knowledge of the token without revealing it.
func (g *guard) pass() string {
	mac := hmac.New(sha256.New, []byte(g.token))
	mac.Write([]byte("dashboard cookie"))
	return hex.EncodeToString(mac.Sum(nil))
}

// same compares in constant time.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// login exchanges a token for a cookie. Browsers need one: an event stream cannot
// send a header.
func (g *guard) login(w http.ResponseWriter, r *http.Request) {
	var request struct {
		Token string `json:"token"`
	}
	if !readJSON(w, r, &request) {
		return
	}
	if g.token != "" && !same(strings.TrimSpace(request.Token), g.token) {
		fail(w, http.StatusUnauthorized, "wrong token", "the gateway's log names the file that holds it")
		return
	}
	http.SetCookie(w, &http.Cookie{Name: g.cookie, Value: g.pass(), Path: "/", MaxAge: 365 * 24 * 3600,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil})
	w.WriteHeader(http.StatusNoContent)
}
