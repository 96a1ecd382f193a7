package daemon

import (
	"context"
	"fmt"
	"log/slog"

	"arduino-gateway/internal/config"
	"arduino-gateway/internal/filewatch"
	"arduino-gateway/internal/reload"
)

// source is where the configuration comes from.
type source struct {
	file   string
	getenv func(string) string
}

// read reads the configuration and the files that it names. It logs each problem. The
// files are watched from now on, also those that do not exist.
func (s source) read(ctx context.Context, log *slog.Logger, watch *filewatch.Watcher) (reload.State, error) {
	settings, problems := config.Load(s.file, s.getenv)
	errs := 0
	for _, p := range problems {
		level := slog.LevelError
		if p.Warning {
			level = slog.LevelWarn
		} else {
			errs++
		}
		log.Log(ctx, level, p.String())
	}
	if errs > 0 {
		return reload.State{}, fmt.Errorf("%s: number of errors: %d", s.file, errs)
	}
	return s.complete(settings, watch)
}

// complete adds the contents of the files that a configuration names.
func (s source) complete(settings *config.Config, watch *filewatch.Watcher) (reload.State, error) {
	watch.Watch(namedFiles(s.file, settings)...)
	files, err := readFiles(settings, s.getenv)
	return reload.State{Config: settings, Files: files}, err
}
