package web

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// site serves the dashboard and the API under one set of settings. It owns the feed
// of the open pages.
type site struct {
	guard   *guard
	life    context.Context
	stop    context.CancelFunc
	running sync.WaitGroup
}

// newSite starts the feed. The caller must close the site.
func newSite(o Options, settings Settings) *site {
	o.Settings = settings
	mux := http.NewServeMux()
	s := &site{guard: newGuard(o, mux)}
	s.life, s.stop = context.WithCancel(context.Background())
	f := newFeed(o.Gateway)
	s.running.Go(func() { f.run(s.life) })
	a := &api{gateway: o.Gateway, feed: f, now: time.Now}
	a.routes(mux, s.guard.admitted)
	mux.Handle("/", static())
	mux.HandleFunc("POST /api/v1/login", s.guard.login)
	for pattern, h := range o.More {
		mux.Handle(pattern, s.guard.admitted(h))
	}
	for pattern, h := range o.Open {
		mux.Handle(pattern, h)
	}
	return s
}

// ServeHTTP answers a request, whose context ends with the site.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(s.life, cancel)()
	s.guard.ServeHTTP(w, r.WithContext(ctx))
}

// close ends the streams and the feed, and waits for the feed.
func (s *site) close() {
	s.stop()
	s.running.Wait()
}
