package web

import (
	"context"
	"errors"
	"sync"
	"time"

	"arduino-gateway/internal/wake"
)

const (
	tick      = 100 * time.Millisecond // between two updates of a page
	mostPages = 64
	mostWait  = 32 // frames queued for a page: three seconds
)

var errFull = errors.New("64 pages are already open")

// feed sends all pages what changes. It polls the gateway only while a page is open.
type feed struct {
	gateway Gateway
	wake    wake.Signal // the first page joined

	mu    sync.Mutex
	pages map[*page]bool
}

// page is one open stream.
type page struct {
	watches string // the device whose lines it wants; "": none
	frames  chan []byte
	lost    chan struct{} // closed when the page has read too slowly
	begun   bool          // it has the state; owned by run
	shown   bool          // it has the last lines; owned by run
}

func newFeed(g Gateway) *feed {
	return &feed{gateway: g, wake: wake.NewSignal(), pages: map[*page]bool{}}
}

func (f *feed) join(watches string) (*page, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.pages) == mostPages {
		return nil, errFull
	}
	p := &page{watches: watches, frames: make(chan []byte, mostWait), lost: make(chan struct{})}
	f.pages[p] = true
	f.wake.Set()
	return p, nil
}

func (f *feed) leave(p *page) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.pages, p)
}

// open returns the open pages.
func (f *feed) open() []*page {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make([]*page, 0, len(f.pages))
	for p := range f.pages {
		all = append(all, p)
	}
	return all
}

// run serves the pages until ctx ends.
func (f *feed) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.wake:
			f.serve(ctx)
		}
	}
}

// serve polls the gateway every tick until the last page has left.
func (f *feed) serve(ctx context.Context) {
	v := newView(f.gateway)
	defer v.close()
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for now := time.Now(); ; {
		pages := f.open()
		if len(pages) == 0 {
			return
		}
		f.turn(now, v, pages)
		select {
		case <-ctx.Done():
			return
		case now = <-ticker.C:
		}
	}
}

// turn sends every page what is new to it.
func (f *feed) turn(now time.Time, v *view, pages []*page) {
	update, restart := v.look(now)
	v.watch(pages)
	var state []byte
	for _, p := range pages {
		if p.begun && !restart {
			f.offer(p, update)
			continue
		}
		if state == nil {
			state = v.state(now)
		}
		p.begun = true
		f.offer(p, state)
	}
	for id, frames := range v.lines(pages) {
		for _, p := range pages {
			switch {
			case p.watches != id:
			case p.shown:
				f.offer(p, frames.next)
			default:
				p.shown = true
				f.offer(p, frames.first)
			}
		}
	}
}

// offer queues a frame for a page, or drops the page if its queue is full.
func (f *feed) offer(p *page, frame []byte) {
	if frame == nil {
		return
	}
	select {
	case p.frames <- frame:
	default:
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.pages[p] {
			delete(f.pages, p)
			close(p.lost)
		}
	}
}
