package main

import (
	"context"
	"net/http"
	"os"
	"strings"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/config"
	"arduino-gateway/internal/gateway"
	"arduino-gateway/internal/monitor"
	"arduino-gateway/internal/ports"
	"arduino-gateway/internal/spool"
	"arduino-gateway/internal/vitals"
	"arduino-gateway/internal/web"
)

// newDashboard makes the dashboard of a gateway; nil where there is none. What
// keeps it from coming up is told: nobody should lose readings over it.
func newDashboard(f faces) gateway.Runner {
	settings := f.state.Config
	if settings.HTTP.Listen == "" {
		return nil
	}
	token, err := dashboardToken(settings, f.log)
	if err != nil {
		f.log.Warn("going on without the dashboard", "error", err)
		return nil
	}
	host, _ := os.Hostname()
	server := web.New(web.Options{
		Listen: settings.HTTP.Listen, Token: token, HostName: host, Hosts: settings.HTTP.Hosts,
		Gateway: f, Log: f.log,
		More: map[string]http.Handler{"GET /metrics": vitals.Metrics(f)},
		Open: map[string]http.Handler{"GET /healthz": vitals.Healthz(f), "GET /readyz": vitals.Readyz(f)},
	})
	_ = server.Listen() // its Run tells, and tries again
	return optional{server, f.log}
}

// faces shows the fleet to pages and scripts.
type faces struct{ *fleet }

// now gives the configuration as it runs.
func (f faces) now() *config.Config {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.listed
}

// Overview tells of the gateway as a whole.
func (f faces) Overview(time.Time) web.Overview {
	c := f.now()
	version, _ := build()
	own := f.own.Stats()
	return web.Overview{
		ID: c.Gateway.ID, Version: version, Started: f.started.Round(0),
		Broker: web.Broker{Address: brokerAddress(c.MQTT), Embedded: c.MQTT.Embedded, Connected: own.Connected, Problem: own.Problem},
		Spool:  f.spoolState(),
	}
}

func brokerAddress(m config.MQTT) string {
	var all []string
	for _, u := range m.Brokers {
		all = append(all, u.Redacted())
	}
	return strings.Join(all, ", ")
}

func (f faces) spoolState() web.Spool {
	total := f.spool.Stats()
	s := web.Spool{Lines: total.Lines, Bytes: total.Disk, MaxBytes: f.spool.MaxSize,
		Dropped: total.Dropped, Damaged: total.Damaged, DiskDown: moment(total.MemoryOnly)}
	for _, q := range f.spool.Queues() {
		if oldest := moment(q.Oldest); q.Lines > 0 && oldest != nil && (s.Oldest == nil || oldest.Before(*s.Oldest)) {
			s.Oldest = oldest
		}
	}
	return s
}

// moment gives a time without its monotonic part, nil for none.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return new(t.Round(0))
}

// Devices tells of each device.
func (f faces) Devices(now time.Time) []web.Device {
	queues := f.queues()
	c := f.now()
	all := make([]web.Device, 0, len(c.Devices))
	for _, d := range c.Devices {
		if m := f.member(d.ID); m.Device != nil {
			all = append(all, f.show(now, c.MQTT.BaseTopic, d, m, queues[d.ID]))
		}
	}
	return all
}

// queues are the spool's, by device.
func (f faces) queues() map[string]spool.QueueStats {
	queues := map[string]spool.QueueStats{}
	for _, q := range f.spool.Queues() {
		queues[q.Name] = q
	}
	return queues
}

func (f faces) show(now time.Time, base string, d device.Device, m member, q spool.QueueStats) web.Device {
	state, session := m.State(), m.session.Stats()
	d.Commands = m.Takes()
	counts, port := m.Stats(), m.port.Stats()
	record := f.history.Device(d.ID)
	last, rate := record.Lines(now)
	shown := web.Device{History: record}
	shown.About = web.About{
		ID: d.ID, Online: state.Online, Since: state.Since.Round(0), Silence: d.Silence.Seconds(), Commands: web.Commands(d),
		Port: web.Port{Value: d.Port, Path: port.Path, Board: boardName(m.found.Load()), Baud: d.Baud,
			Open: state.Open, Problem: port.Problem, PausedUntil: moment(state.PausedUntil)},
		Session: web.Session{ClientID: d.ClientID, Topic: base + "/" + d.ID, Connected: session.Connected, Problem: session.Problem},
	}
	shown.Live = web.Live{
		LastLine: moment(last), Rate: rate,
		Counts: web.Counts{Lines: counts.Lines, Refused: counts.Refused, Overlong: port.Overlong, OutOfBounds: counts.OutOfBounds,
			Sent: counts.Sent, Rejected: counts.Rejected, Unsent: counts.Unsent},
		Waiting: web.Waiting{Lines: q.Lines, Oldest: moment(q.Oldest), Dropped: q.Dropped},
	}
	return shown
}

// boardName: Arduino Uno (2341:0043)
func boardName(p *ports.Port) string {
	if p == nil || p.USB() == "" {
		return ""
	}
	return p.Name() + " (" + p.USB() + ")"
}

// Subscribe begins to watch a device.
func (f faces) Subscribe(id string) *monitor.Subscription { return f.hub.Subscribe(id) }

// Send runs a command as if it had come from the broker, where its result goes
// as well.
func (f faces) Send(ctx context.Context, id, command, value string) (device.Result, error) {
	d := f.member(id).Device
	if d == nil {
		return device.Result{}, web.ErrNoDevice
	}
	return d.Do(ctx, command, value)
}
