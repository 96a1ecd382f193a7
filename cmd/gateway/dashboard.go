package main

import (
	"context"
	"net/http"
	"os"

	"arduino-gateway/device"
	"arduino-gateway/internal/gateway"
	"arduino-gateway/internal/history"
	"arduino-gateway/internal/monitor"
	"arduino-gateway/internal/vitals"
	"arduino-gateway/internal/web"
)

// newDashboard makes the dashboard of a gateway; nil where there is none. What
// keeps it from coming up is told: nobody should lose readings over it.
func newDashboard(f *fleet) gateway.Runner {
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

// History is what a device has said lately.
func (f *fleet) History(id string) *history.Recorder { return f.history.Device(id) }

// Subscribe begins to watch a device.
func (f *fleet) Subscribe(id string) *monitor.Subscription { return f.hub.Subscribe(id) }

// Send runs a command as if it had come from the broker, where its result goes
// as well.
func (f *fleet) Send(ctx context.Context, id, command, value string) (device.Result, error) {
	d := f.member(id).Device
	if d == nil {
		return device.Result{}, web.ErrNoDevice
	}
	return d.Do(ctx, command, value)
}
