package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"arduino-gateway/internal/config"
	"arduino-gateway/internal/filewatch"
	"arduino-gateway/internal/stagedfs"
	"arduino-gateway/internal/supervisor"
)

// stopWithin bounds a clean stop.
const stopWithin = 5 * time.Second

// Options are what Run needs. All but Reload and Ready must be set.
type Options struct {
	File    string         // devices.yaml
	Config  *config.Config // as read from File
	Getenv  func(string) string
	Watch   *filewatch.Watcher // watches File since before Config was read
	Reload  <-chan os.Signal   // each value reads File again
	Version string             // of this program, for the log, the dashboard and Home Assistant
	Log     *slog.Logger
	Demo    bool   // what is in spool.dir need not outlive a reboot
	Ready   func() // called when the built-in broker, if there is one, accepts connections
}

// Run runs the gateway until ctx ends. Then it stops cleanly within five seconds, or
// returns an error.
func Run(ctx context.Context, o Options) error {
	dir := o.Config.Spool.Dir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		o.Log.Warn("cannot create spool.dir: monitor and pause will not work", "error", err, "hint", "set spool.dir to a folder that this user may write")
	}
	unlock, err := lockState(dir)
	if err != nil {
		return err
	}
	defer unlock()
	f, stages, err := build(o)
	if err != nil {
		return err
	}
	id := o.Config.Gateway.ID
	o.Log.Info("gateway started", "gateway", id, "devices", len(f.state.Config.Devices), "version", o.Version)
	warnOfFewFiles(f.state.Config, o.Log)
	if lost := stagedfs.Lost(dir); lost != "" && !o.Demo {
		o.Log.Warn("spool.dir is "+lost+": a reboot loses the lines that wait", "dir", dir, "hint", "set spool.dir to a folder on a disk")
	}
	if o.Ready != nil {
		o.Ready()
	}
	defer o.Log.Info("gateway stopped", "gateway", id)
	return runStages(ctx, o.Log, stages)
}

// runStages runs the stages. It returns an error if they do not stop in time.
func runStages(ctx context.Context, log *slog.Logger, stages [][]supervisor.Part) error {
	done := make(chan error, 1)
	go func() { done <- supervisor.Run(ctx, log, stages...) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return err
	case <-time.After(stopWithin):
		return fmt.Errorf("not stopped within %v", stopWithin)
	}
}
