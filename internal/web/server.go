package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"
)

// Options of a Server.
type Options struct {
	Listen   string   // host:port
	Token    string   // "" asks for none, and then Listen is on loopback
	HostName string   // of this machine
	Hosts    []string // more names by which it is reached
	Gateway  Gateway
	Log      *slog.Logger

	// More are handlers of others, by their pattern. Those that are Open are
	// served without a token.
	More, Open map[string]http.Handler
}

// How long each phase of a connection may take, and how many there are.
const (
	headerTime = 5 * time.Second
	readTime   = 10 * time.Second
	answerTime = 30 * time.Second // longer than sendTime; a stream sets its own
	idleTime   = 60 * time.Second
	stopTime   = time.Second // for requests under way, at a stop
	mostHeader = 16 << 10
	mostConns  = 256

	retryTime = 10 * time.Second // until the next attempt to listen
)

// Server serves the dashboard and its API.
type Server struct {
	options  Options
	feed     *feed
	handler  http.Handler
	listener net.Listener // nil before Listen
}

// New makes a Server, which does nothing before Run.
func New(o Options) *Server {
	s := &Server{options: o, feed: newFeed(o.Gateway)}
	mux := http.NewServeMux()
	g := newGuard(o, mux)
	a := &api{gateway: o.Gateway, feed: s.feed, now: time.Now}
	a.routes(mux, g.admitted)
	mux.Handle("/", static())
	mux.HandleFunc("POST /api/v1/login", g.login)
	for pattern, h := range o.More {
		mux.Handle(pattern, g.admitted(h))
	}
	for pattern, h := range o.Open {
		mux.Handle(pattern, h)
	}
	s.handler = g
	return s
}

// String names the server in logs.
func (s *Server) String() string { return "dashboard" }

// Listen tries to have the address, so that whoever comes before Run has to wait
// and is not refused. Run tries again where it fails.
func (s *Server) Listen() (err error) {
	s.listener, err = net.Listen("tcp", s.options.Listen)
	return err
}

// Run serves until ctx ends, and returns nil when the last connection is closed.
// An address that cannot be had is told, and tried again: it may come later, or
// another program may go.
func (s *Server) Run(ctx context.Context) error {
	var complaint string
	for {
		if s.listener != nil {
			return s.serve(ctx, s.listener)
		}
		err := s.Listen()
		if err == nil {
			continue
		}
		if text := err.Error(); text != complaint {
			complaint = text
			s.options.Log.Warn("no dashboard for now", "error", err, "hint", listenHint(err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(retryTime):
		}
	}
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

func (s *Server) serve(ctx context.Context, l net.Listener) error {
	s.options.Log.Info("dashboard", "url", URL(l.Addr()))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	server := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: headerTime, ReadTimeout: readTime, WriteTimeout: answerTime, IdleTimeout: idleTime,
		MaxHeaderBytes: mostHeader,
		BaseContext:    func(net.Listener) context.Context { return ctx }, // ends streams and waiting commands
		ErrorLog:       log.New(io.Discard, "", 0),                        // what strangers do wrong is not news
	}
	var running sync.WaitGroup
	running.Go(func() { s.feed.run(ctx) })
	served := make(chan error, 1)
	running.Go(func() { served <- server.Serve(limit(l, mostConns)) })
	defer running.Wait()
	var failure error
	select {
	case <-ctx.Done():
	case err := <-served:
		failure = fmt.Errorf("serve %v: %w", l.Addr(), err)
		cancel()
	}
	grace, done := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer done()
	if server.Shutdown(grace) != nil {
		_ = server.Close()
	}
	return failure
}

// URL is where a browser finds what listens on an address.
func URL(at net.Addr) string {
	tcp, ok := at.(*net.TCPAddr)
	if ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("http://localhost:%d/", tcp.Port)
	}
	return "http://" + at.String() + "/"
}
