package daemon

import (
	"context"
	"net/http"
	"os"

	"arduino-gateway/device"
	"arduino-gateway/internal/health"
	"arduino-gateway/internal/history"
	"arduino-gateway/internal/monitor"
	"arduino-gateway/internal/reload"
	"arduino-gateway/internal/web"
)

// newDashboard makes the dashboard, which listens nowhere if it is off. If it cannot
// start, that is logged: readings matter more.
func newDashboard(f *fleet) *web.Server {
	var settings web.Settings
	token, err := dashboardToken(f.state.Config)
	if err != nil {
		f.log.Warn("continuing without the dashboard", "error", err)
	} else {
		f.state.Files.Token = token
		settings = f.pageSettings()
	}
	host, _ := os.Hostname()
	server := web.New(web.Options{
		Settings: settings, HostName: host, Gateway: f, Log: f.log,
		More: map[string]http.Handler{"GET /metrics": health.Metrics(f)},
		Open: map[string]http.Handler{"GET /healthz": health.Healthz(f), "GET /readyz": health.Readyz(f)},
	})
	if settings.Listen != "" {
		_ = server.Listen() // its Run logs the error, and tries again
	}
	return server
}

// pageSettings returns the dashboard's settings by the state that runs.
func (f *fleet) pageSettings() web.Settings {
	c, token := f.state.Config, f.state.Files.Token
	if token != "" {
		f.log.Info("dashboard needs a token", "file", c.TokenFile())
	}
	return web.Settings{Listen: c.HTTP.Listen, Token: token, Hosts: c.HTTP.Hosts}
}

// reconfigurePage applies the state's settings to the dashboard.
func (f *fleet) reconfigurePage() {
	f.deps.history.SetKeep(f.state.Config.HTTP.Listen != "")
	f.page.Reconfigure(f.pageSettings())
}

// withToken adds the dashboard's token to the wanted state. If the token cannot be
// read, the dashboard keeps its settings.
func (f *fleet) withToken(ctx context.Context, wanted reload.State) reload.State {
	then := *f.state.Config // spool.dir, where a token may be, stays until a restart
	then.HTTP = wanted.Config.HTTP
	token, err := dashboardToken(&then)
	if err != nil {
		f.log.ErrorContext(ctx, "dashboard keeps its settings", "error", err)
		c := *wanted.Config
		c.HTTP, token = f.state.Config.HTTP, f.state.Files.Token
		wanted.Config = &c
	}
	wanted.Files.Token = token
	return wanted
}

// History returns the last hour of a device.
func (f *fleet) History(id string) *history.Recorder { return f.deps.history.Device(id) }

// Subscribe returns the live events of a device.
func (f *fleet) Subscribe(id string) *monitor.Subscription { return f.deps.hub.Subscribe(id) }

// Send runs a command as if it had come from the broker. Its result is published there
// too.
func (f *fleet) Send(ctx context.Context, id, command, value string) (device.Result, error) {
	d := f.member(id).device
	if d == nil {
		return device.Result{}, web.ErrNoDevice
	}
	return d.Do(ctx, command, value)
}
