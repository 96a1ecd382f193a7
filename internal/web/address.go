package web

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// Limits of connections: how long each phase may take, and how many are open.
const (
	headerTime = 5 * time.Second
	readTime   = 10 * time.Second
	answerTime = 30 * time.Second // longer than sendTime; a stream sets its own
	idleTime   = 60 * time.Second
	stopTime   = time.Second // for requests in flight, at a stop
	mostHeader = 16 << 10
	mostConns  = 256
)

// address listens, and serves one site.
type address struct {
	listener net.Listener
	server   *http.Server
	site     atomic.Pointer[site]
	done     chan struct{} // closed when it no longer serves
	err      error         // why, once done is closed
}

// open serves a site on l until close, which the caller must call.
func open(l net.Listener, first *site) *address {
	a := &address{listener: l, done: make(chan struct{})}
	a.site.Store(first)
	a.server = &http.Server{
		Handler:           a,
		ReadHeaderTimeout: headerTime, ReadTimeout: readTime, WriteTimeout: answerTime, IdleTimeout: idleTime,
		MaxHeaderBytes: mostHeader,
		ErrorLog:       log.New(io.Discard, "", 0), // wrong requests are not worth a log line
	}
	go func() {
		defer close(a.done)
		a.err = fmt.Errorf("serve %v: %w", l.Addr(), a.server.Serve(limit(l, mostConns)))
	}()
	return a
}

func (a *address) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.site.Load().ServeHTTP(w, r) }

// show replaces the site that is served.
func (a *address) show(next *site) { a.site.Swap(next).close() }

// ended returns a channel that is closed when the address no longer serves.
func (a *address) ended() <-chan struct{} {
	if a == nil {
		return nil
	}
	return a.done
}

// failure returns why the address no longer serves; nil while it does.
func (a *address) failure() error {
	select {
	case <-a.ended():
		return a.err
	default:
		return nil
	}
}

// close stops serving, and returns when the last connection is closed. It may be
// called more than once, and on nil.
func (a *address) close() {
	if a == nil {
		return
	}
	a.site.Load().close()
	grace, done := context.WithTimeout(context.Background(), stopTime)
	defer done()
	if a.server.Shutdown(grace) != nil {
		_ = a.server.Close()
	}
	<-a.done
}
