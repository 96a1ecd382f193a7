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

// How long each phase of a connection may take, and how many there are.
const (
	headerTime = 5 * time.Second
	readTime   = 10 * time.Second
	answerTime = 30 * time.Second // longer than sendTime; a stream sets its own
	idleTime   = 60 * time.Second
	stopTime   = time.Second // for requests under way, at a stop
	mostHeader = 16 << 10
	mostConns  = 256
)

// address is where something listens, and serves a site.
type address struct {
	listener net.Listener
	server   *http.Server
	site     atomic.Pointer[site]
	done     chan struct{} // closed when nobody is served any more
	err      error         // why, then
}

// open serves a site. The caller owes it a close.
func open(l net.Listener, first *site) *address {
	a := &address{listener: l, done: make(chan struct{})}
	a.site.Store(first)
	a.server = &http.Server{
		Handler:           a,
		ReadHeaderTimeout: headerTime, ReadTimeout: readTime, WriteTimeout: answerTime, IdleTimeout: idleTime,
		MaxHeaderBytes: mostHeader,
		ErrorLog:       log.New(io.Discard, "", 0), // what strangers do wrong is not news
	}
	go func() {
		defer close(a.done)
		a.err = fmt.Errorf("serve %v: %w", l.Addr(), a.server.Serve(limit(l, mostConns)))
	}()
	return a
}

func (a *address) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.site.Load().ServeHTTP(w, r) }

// show serves another site from now on.
func (a *address) show(next *site) { a.site.Swap(next).close() }

// ended is closed when nobody is served any more.
func (a *address) ended() <-chan struct{} {
	if a == nil {
		return nil
	}
	return a.done
}

// failure is why nobody is served any more; nil where somebody may be.
func (a *address) failure() error {
	select {
	case <-a.ended():
		return a.err
	default:
		return nil
	}
}

// close ends it, and returns when the last connection is closed. It may be called
// again, and of nothing.
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
