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

	// More are handlers of others, by their pattern. Those that are Open are
	// served without a token.
	More, Open map[string]http.Handler
}

// Settings are the options that may change while the server runs.
type Settings struct {
	Listen string   // host:port; "" is nowhere
	Token  string   // "" asks for none, and then Listen is on loopback
	Hosts  []string // more names by which this machine is reached
}

func (s Settings) equal(other Settings) bool {
	return s.Listen == other.Listen && s.Token == other.Token && slices.Equal(s.Hosts, other.Hosts)
}

const retryTime = 10 * time.Second // until the next attempt to listen

// Server serves the dashboard and its API.
type Server struct {
	options Options // but for the Settings
	retry   time.Duration
	changed wake.Signal // wanted has

	mu     sync.Mutex
	wanted Settings

	// Of Run's goroutine, once it runs.
	early     net.Listener // of Listen; nil: there is none
	at        *address     // nil: nowhere
	shown     Settings     // there
	vain      string       // the address for which the other one was given up, and that could not be had
	complaint string
}

// New makes a Server, which does nothing before Run.
func New(o Options) *Server {
	return &Server{options: o, retry: retryTime, changed: wake.NewSignal(), wanted: o.Settings}
}

// String names the server in logs.
func (s *Server) String() string { return "dashboard" }

// Listen tries to have the address, so that whoever comes before Run has to wait
// and is not refused. Run tries again where it fails.
func (s *Server) Listen() (err error) {
	s.early, err = net.Listen("tcp", s.wanted.Listen)
	return err
}

// Reconfigure has Run follow other settings. Who was let in by the old ones has to
// ask again: streams end, and waits for a command's result.
func (s *Server) Reconfigure(settings Settings) {
	s.mu.Lock()
	s.wanted = settings
	s.mu.Unlock()
	s.changed.Set()
}

// Run serves until ctx ends, and returns nil when the last connection is closed.
// An address that cannot be had is told, and tried again: it may come later, or
// another program may go. The one before it is served until then.
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
			s.complaint, s.vain = "", ""
		case <-again:
		case <-s.at.ended():
		}
	}
}

// follow has what is wanted served.
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

// move serves what listens now, nil for nothing, in place of what did.
func (s *Server) move(l net.Listener, shown Settings) {
	before := s.at
	s.at, s.shown = nil, shown
	if l != nil {
		s.at = open(l, newSite(s.options, shown))
	}
	before.close()
}

// listen takes an address. 0.0.0.0:8080 is not to be had beside 127.0.0.1:8080, so
// that one is given up for a moment.
func (s *Server) listen(at string) (net.Listener, error) {
	if l := s.early; l != nil {
		s.early = nil
		return l, nil
	}
	l, err := net.Listen("tcp", at)
	if err == nil || s.at == nil || s.vain == at || !samePort(at, s.shown.Listen) {
		return l, err
	}
	s.at.close()
	if l, err = net.Listen("tcp", at); err == nil {
		return l, nil
	}
	s.vain = at
	back, lost := net.Listen("tcp", s.shown.Listen)
	s.move(back, s.shown)
	return nil, errors.Join(err, lost)
}

func samePort(a, b string) bool {
	_, port, _ := net.SplitHostPort(a)
	_, other, _ := net.SplitHostPort(b)
	return port == other
}

// complain tells once what is the matter.
func (s *Server) complain(err error) {
	if text := err.Error(); text == s.complaint {
		return
	}
	s.complaint = err.Error()
	if s.at == nil {
		s.options.Log.Warn("no dashboard for now", "error", err, "hint", listenHint(err))
		return
	}
	s.options.Log.Error("the dashboard stays where it is for now", "url", URL(s.at.listener.Addr()), "error", err, "hint", listenHint(err))
}

func listenHint(err error) string {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return `another program has this port: set http.listen to another one, or to "off"`
	case errors.Is(err, syscall.EACCES):
		return "ports below 1024 are for root: set http.listen to another one, such as port 8080"
	}
	return "set http.listen to an address of this machine"
}

// URL is where a browser finds what listens on an address.
func URL(at net.Addr) string {
	tcp, ok := at.(*net.TCPAddr)
	if ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("http://localhost:%d/", tcp.Port)
	}
	return "http://" + at.String() + "/"
}
