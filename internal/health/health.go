package health

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"arduino-gateway/internal/status"
)

// The values of Report.Status.
const (
	OK       = "ok"
	Degraded = "degraded" // something needs a look; the rest works
	Failed   = "failed"
)

// Report is the answer of /healthz and /readyz.
type Report struct {
	Status  string   `json:"status"`
	Reasons []Reason `json:"reasons"` // why the status is not ok
}

// Reason is one thing that is wrong.
type Reason struct {
	Part   string `json:"part"`             // gateway, spool, broker or device
	Device string `json:"device,omitempty"` // if Part is device
	What   string `json:"what"`
}

// Health reports whether the gateway itself works: it answers, and what it reads is
// safe on disk. A missing broker or board is not the gateway's fault.
func Health(s status.Snapshot) Report {
	r := Report{Status: OK, Reasons: []Reason{}}
	if down := s.Spool.DiskDown; !down.IsZero() {
		r.add(Failed, Reason{Part: "spool", What: "nothing could be written to disk since " + down.UTC().Format(time.RFC3339) + ": lines are kept in memory only"})
	}
	return r
}

// Readiness reports whether readings reach the broker.
func Readiness(s status.Snapshot) Report {
	r := Health(s)
	if !s.Broker.Connected {
		r.add(Failed, Reason{Part: "broker", What: cmp.Or(s.Broker.Problem, "not connected")})
	} else {
		r.problems("broker", "", s.Broker.Problems)
	}
	for _, d := range s.Devices {
		if !d.Online && !d.Session.Deaf {
			r.add(Degraded, Reason{Part: "device", Device: d.ID, What: cmp.Or(d.Port.Problem, "offline")})
		}
		if d.Session.Connected {
			r.problems("device", d.ID, d.Session.Problems)
		} else if s.Broker.Connected {
			r.add(Degraded, Reason{Part: "device", Device: d.ID, What: "MQTT session not connected"})
		}
		if stuck := d.Session.NotMoving(); stuck != "" {
			r.add(Failed, Reason{Part: "device", Device: d.ID, What: stuck})
		}
		if d.Waiting.Dropped > 0 {
			r.add(Degraded, Reason{Part: "device", Device: d.ID, What: fmt.Sprintf("%d lines were dropped because the spool was full", d.Waiting.Dropped)})
		}
	}
	return r
}

// problems adds what is wrong with a session that is connected.
func (r *Report) problems(part, device string, problems []string) {
	for _, problem := range problems {
		r.add(Degraded, Reason{Part: part, Device: device, What: problem})
	}
}

// add adds a reason, and keeps the worst status.
func (r *Report) add(status string, reason Reason) {
	if r.Status != Failed {
		r.Status = status
	}
	r.Reasons = append(r.Reasons, reason)
}

// Healthz serves Health as JSON. The HTTP status is 503 for Failed, else 200.
func Healthz(g Gateway) http.Handler { return report(g, Health) }

// Readyz serves Readiness as Healthz serves Health.
func Readyz(g Gateway) http.Handler { return report(g, Readiness) }

func report(g Gateway, judge func(status.Snapshot) Report) http.Handler {
	p := newPoller(g)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := p.poll(r.Context())
		result := judge(s)
		if err != nil {
			result = Report{Status: Failed, Reasons: []Reason{{Part: "gateway", What: err.Error()}}}
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		if result.Status == Failed {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_ = json.NewEncoder(w).Encode(result) // fails only if the client hung up
	})
}
