package web

import (
	"net/http"
	"time"
)

// writeTime is how long a page may take to read a frame.
const writeTime = 10 * time.Second

// events serves the event stream: first "state", then "update" at every change and
// at least once a second, and with ?lines=DEVICE also "lines".
func (a *api) events(w http.ResponseWriter, r *http.Request) {
	p, err := a.feed.join(r.URL.Query().Get("lines"))
	if err != nil {
		w.Header().Set("Retry-After", "10")
		fail(w, http.StatusServiceUnavailable, err.Error(), "close some of them")
		return
	}
	defer a.feed.leave(p)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no") // for an nginx in between
	control := http.NewResponseController(w)
	for {
		select {
		case <-r.Context().Done():
			return
		case <-p.lost:
			return
		case frame := <-p.frames:
			if control.SetWriteDeadline(time.Now().Add(writeTime)) != nil || !p.write(w, frame) || control.Flush() != nil {
				return
			}
		}
	}
}

// write sends a frame and all that are queued behind it.
func (p *page) write(w http.ResponseWriter, frame []byte) bool {
	for {
		if _, err := w.Write(frame); err != nil {
			return false
		}
		select {
		case frame = <-p.frames:
		default:
			return true
		}
	}
}
