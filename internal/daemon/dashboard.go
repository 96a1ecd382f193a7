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

// newDashboard makes the dashboard of a gateway, which may be nowhere. What keeps
// it from coming up is told: nobody should lose readings over it.
func newDashboard(f *fleet) *web.Server {
	var settings web.Settings
	token, err := dashboardToken(f.state.Config)
	if err != nil {
		f.log.Warn("going on without the dashboard", "error", err)
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
		_ = server.Listen() // its Run tells, and tries again
	}
	return server
}

// pageSettings are those of the state that runs.
func (f *fleet) pageSettings() web.Settings {
	c, token := f.state.Config, f.state.Files.Token
	if token != "" {
		f.log.Info("the dashboard asks for a token", "file", c.TokenFile())
	}
	return web.Settings{Listen: c.HTTP.Listen, Token: token, Hosts: c.HTTP.Hosts}
}

// movePage has the dashboard be as the state says.
func (f *fleet) movePage() {
	f.history.SetKeep(f.state.Config.HTTP.Listen != "")
	f.page.Reconfigure(f.pageSettings())
}

// withToken completes what is wanted by the dashboard's token. Where that cannot be
// had, the dashboard stays as it is.
func (f *fleet) withToken(ctx context.Context, wanted reload.State) reload.State {
	then := *f.state.Config // spool.dir, where a token may be, stays until a restart
	then.HTTP = wanted.Config.HTTP
	token, err := dashboardToken(&then)
	if err != nil {
		f.log.ErrorContext(ctx, "the dashboard stays as it is", "error", err)
		c := *wanted.Config
		c.HTTP, token = f.state.Config.HTTP, f.state.Files.Token
		wanted.Config = &c
	}
	wanted.Files.Token = token
	return wanted
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
