package health

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"arduino-gateway/internal/status"
)

// What a Report may say.
const (
	OK       = "ok"
	Degraded = "degraded" // something needs a look; the rest works
	Failed   = "failed"
)

// Report is the answer to how the gateway is.
type Report struct {
	Status  string   `json:"status"`
	Reasons []Reason `json:"reasons"` // why it is not ok
}

// Reason is one thing that is wrong.
type Reason struct {
	Part   string `json:"part"`             // gateway, spool, broker or device
	Device string `json:"device,omitempty"` // of the last
	What   string `json:"what"`
}

// Health tells whether the gateway does its own work: it answers, and what is
// read is safe on disk. A broker or a board that is away is no fault of it.
func Health(s status.Snapshot) Report {
	r := Report{Status: OK, Reasons: []Reason{}}
	if down := s.Spool.DiskDown; !down.IsZero() {
		r.add(Failed, Reason{Part: "spool", What: "the disk takes nothing since " + down.UTC().Format(time.RFC3339) + ": lines are in memory only"})
	}
	return r
}

// Readiness tells whether readings reach the broker.
func Readiness(s status.Snapshot) Report {
	r := Health(s)
	if !s.Broker.Connected {
		r.add(Failed, Reason{Part: "broker", What: cmp.Or(s.Broker.Problem, "not connected")})
	}
	for _, d := range s.Devices {
		if !d.Online {
			r.add(Degraded, Reason{Part: "device", Device: d.ID, What: cmp.Or(d.Port.Problem, "offline")})
		}
		if !d.Session.Connected && s.Broker.Connected {
			r.add(Degraded, Reason{Part: "device", Device: d.ID, What: "its session is not connected"})
		}
		if d.Waiting.Dropped > 0 {
			r.add(Degraded, Reason{Part: "device", Device: d.ID, What: fmt.Sprintf("%d lines were dropped for want of room", d.Waiting.Dropped)})
		}
	}
	return r
}

// add lets the worst status stand.
func (r *Report) add(status string, reason Reason) {
	if r.Status != Failed {
		r.Status = status
	}
	r.Reasons = append(r.Reasons, reason)
}

// Healthz serves Health as JSON, and Readyz Readiness. The code is 503 for
// Failed, else 200.
func Healthz(g Gateway) http.Handler { return report(g, Health) }

// Readyz is described at Healthz.
func Readyz(g Gateway) http.Handler { return report(g, Readiness) }

func report(g Gateway, judge func(status.Snapshot) Report) http.Handler {
	a := newAsker(g)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := a.ask(r.Context())
		result := judge(s)
		if err != nil {
			result = Report{Status: Failed, Reasons: []Reason{{Part: "gateway", What: err.Error()}}}
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		if result.Status == Failed {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_ = json.NewEncoder(w).Encode(result) // whoever asked has gone
	})
}
