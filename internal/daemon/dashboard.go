package daemon

import (
	"context"
	"log/slog"
	"net/http"
	"os"

	"arduino-gateway/internal/health"
	"arduino-gateway/internal/reload"
	"arduino-gateway/internal/web"
)

// newDashboard makes the dashboard, which listens nowhere if it is off. If it cannot
// start, that is logged: readings matter more.
func newDashboard(f *fleet, a *api) *web.Server {
	var settings web.Settings
	token, err := dashboardToken(f.state.Config)
	if err != nil {
		f.log.Warn("continuing without the dashboard", "error", err)
	} else {
		f.state.Files.Token = token
		settings = pageSettings(f.state, f.log)
	}
	host, _ := os.Hostname()
	server := web.New(web.Options{
		Settings: settings, HostName: host, Gateway: a, Log: f.log,
		More: map[string]http.Handler{"GET /metrics": health.Metrics(a)},
		Open: map[string]http.Handler{"GET /healthz": health.Healthz(a), "GET /readyz": health.Readyz(a)},
	})
	if settings.Listen != "" {
		_ = server.Listen() // its Run logs the error, and tries again
	}
	return server
}

// pageSettings returns the dashboard's settings in a state.
func pageSettings(s reload.State, log *slog.Logger) web.Settings {
	c, token := s.Config, s.Files.Token
	if token != "" {
		log.Info("dashboard needs a token", "file", c.TokenFile())
	}
	return web.Settings{Listen: c.HTTP.Listen, Token: token, Hosts: c.HTTP.Hosts}
}

// withToken adds the dashboard's token to the wanted state. If the token cannot be
// read, the dashboard keeps the settings that it has now.
func withToken(ctx context.Context, now, wanted reload.State, log *slog.Logger) reload.State {
	then := *now.Config // spool.dir, where a token may be, stays until a restart
	then.HTTP = wanted.Config.HTTP
	token, err := dashboardToken(&then)
	if err != nil {
		log.ErrorContext(ctx, "dashboard keeps its settings", "error", err)
		c := *wanted.Config
		c.HTTP, token = now.Config.HTTP, now.Files.Token
		wanted.Config = &c
	}
	wanted.Files.Token = token
	return wanted
}
