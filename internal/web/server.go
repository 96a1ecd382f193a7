package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"time"

	"arduino-gateway/internal/wake"
)

// Options of a Server.
type Options struct {
	Settings
	HostName string // of this machine
	Gateway  Gateway
	Log      *slog.Logger

	// More are further handlers, by pattern. Those of Open are served without a
	// token.
	More, Open map[string]http.Handler
}

// Settings are the options that may change while the server runs.
type Settings struct {
	Listen string   // host:port; "": nowhere
	Token  string   // "": none is required, and Listen must be a loopback address
	Hosts  []string // more host names of this machine
}

func (s Settings) equal(other Settings) bool {
	return s.Listen == other.Listen && s.Token == other.Token && slices.Equal(s.Hosts, other.Hosts)
}

const retryTime = 10 * time.Second // until the next attempt to listen

// Server serves the dashboard and its API.
type Server struct {
	options Options // without its Settings
	retry   time.Duration
	changed wake.Signal // wanted has changed

	mu     sync.Mutex
	wanted Settings

	// Owned by Run's goroutine, once it runs.
	early    net.Listener // opened by Listen; nil: none
	at       *address     // nil: nowhere
	shown    Settings     // served at that address
	occupied string       // an address that was in use even after the old one was closed
	logged   string       // the last failure that complain logged
}

// New returns a Server, which does nothing before Run.
func New(o Options) *Server {
	return &Server{options: o, retry: retryTime, changed: wake.NewSignal(), wanted: o.Settings}
}

// String names the server in logs.
func (s *Server) String() string { return "dashboard" }

// Listen opens the address early, so that clients that connect before Run wait
// instead of being refused. If it fails, Run tries again.
func (s *Server) Listen() (err error) {
	s.early, err = net.Listen("tcp", s.wanted.Listen)
	return err
}

// Reconfigure makes Run use other settings. Open streams and waits for a command's
// result end, and clients must authenticate under the new settings.
func (s *Server) Reconfigure(settings Settings) {
	s.mu.Lock()
	s.wanted = settings
	s.mu.Unlock()
	s.changed.Set()
}

// Run serves until ctx ends, and returns nil when the last connection is closed.
// If it cannot listen at an address it logs that and tries again: the address may
// appear, or another program may release it. Until then the old address is served.
func (s *Server) Run(ctx context.Context) error {
	defer func() { s.at.close() }()
	for {
		var again <-chan time.Time
		if err := s.follow(); err != nil {
			s.complain(err)
			again = time.After(s.retry)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.changed:
			s.logged, s.occupied = "", ""
		case <-again:
		case <-s.at.ended():
		}
	}
}

// follow serves the wanted settings.
func (s *Server) follow() error {
	s.mu.Lock()
	wanted := s.wanted
	s.mu.Unlock()
	if err := s.at.failure(); err != nil {
		s.move(nil, Settings{})
		return err
	}
	switch {
	case wanted.equal(s.shown):
	case wanted.Listen == "":
		s.move(nil, wanted)
	case wanted.Listen == s.shown.Listen:
		s.at.show(newSite(s.options, wanted))
		s.shown = wanted
	default:
		l, err := s.listen(wanted.Listen)
		if err != nil {
			return err
		}
		s.options.Log.Info("dashboard", "url", URL(l.Addr()))
		s.move(l, wanted)
	}
	return nil
}

// move serves on l in place of the old listener; a nil l serves nothing.
func (s *Server) move(l net.Listener, shown Settings) {
	before := s.at
	s.at, s.shown = nil, shown
	if l != nil {
		s.at = open(l, newSite(s.options, shown))
	}
	before.close()
}

// listen opens an address. 0.0.0.0:8080 and 127.0.0.1:8080 exclude each other, so
// listen closes the old one for a moment if the port is the same.
func (s *Server) listen(at string) (net.Listener, error) {
	if l := s.early; l != nil {
		s.early = nil
		return l, nil
	}
	l, err := net.Listen("tcp", at)
	if err == nil || s.at == nil || s.occupied == at || !samePort(at, s.shown.Listen) {
		return l, err
	}
	s.at.close()
	if l, err = net.Listen("tcp", at); err == nil {
		return l, nil
	}
	s.occupied = at
	back, lost := net.Listen("tcp", s.shown.Listen)
	s.move(back, s.shown)
	return nil, errors.Join(err, lost)
}

func samePort(a, b string) bool {
	_, port, _ := net.SplitHostPort(a)
	_, other, _ := net.SplitHostPort(b)
	return port == other
}

// complain logs a failure once.
func (s *Server) complain(err error) {
	if text := err.Error(); text == s.logged {
		return
	}
	s.logged = err.Error()
	if s.at == nil {
		s.options.Log.Warn("dashboard cannot listen, retrying", "error", err, "hint", listenHint(err))
		return
	}
	s.options.Log.Error("dashboard cannot move, the old address stays in use", "url", URL(s.at.listener.Addr()), "error", err, "hint", listenHint(err))
}

func listenHint(err error) string {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return `another program uses this port: set http.listen to another port, or to "off"`
	case errors.Is(err, syscall.EACCES):
		return "ports below 1024 need root: set http.listen to a higher port, such as 8080"
	}
	return "set http.listen to an address of this machine"
}

// URL returns the URL of a listener's address, for a browser.
func URL(at net.Addr) string {
	tcp, ok := at.(*net.TCPAddr)
	if ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("http://localhost:%d/", tcp.Port)
	}
	return "http://" + at.String() + "/"
}
