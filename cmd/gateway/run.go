package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"arduino-gateway/internal/config"
	"arduino-gateway/internal/gateway"
	"arduino-gateway/internal/logging"
)

// stopWithin bounds a clean stop.
const stopWithin = 5 * time.Second

func (s *shell) runGateway(ctx context.Context, flags *flag.FlagSet, args []string) error {
	file := configFlag(flags)
	makeLog := s.logFlags(flags)
	if err := parse(flags, args, 0, 0); err != nil {
		return err
	}
	log, err := makeLog()
	if err != nil {
		return err
	}
	settings, err := s.load(*file)
	if err != nil {
		return err
	}
	ctx, stop := untilTold(ctx, log)
	defer stop()
	return s.serve(ctx, settings, log, func() {})
}

// serve runs the gateway until ctx ends, and then for stopWithin at most. It
// calls up when the built-in broker, if there is one, takes connections.
func (s *shell) serve(ctx context.Context, settings *config.Config, log *slog.Logger, up func()) error {
	if err := os.MkdirAll(settings.Spool.Dir, 0o700); err != nil {
		log.Warn("no place for the gateway's state: monitor will not work (hint: set spool.dir)", "error", err)
	}
	unlock, err := lockState(settings.Spool.Dir)
	if err != nil {
		return err
	}
	defer unlock()
	stages, err := assemble(settings, s.getenv, log)
	if err != nil {
		return err
	}
	version, _ := build()
	log.Info("gateway started", "gateway", settings.Gateway.ID, "devices", len(settings.Devices), "version", version)
	up()
	defer log.Info("gateway stopped", "gateway", settings.Gateway.ID)

	done := make(chan error, 1)
	go func() { done <- gateway.Run(ctx, stages...) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return err
	case <-time.After(stopWithin):
		return fmt.Errorf("not stopped within %v: giving up", stopWithin)
	}
}

// untilTold gives a context that the first SIGTERM or Ctrl-C ends; the second
// kills the process. SIGHUP must not: it is how a daemon is told to reload. Nor
// must a log that nobody reads any more: readings matter more.
func untilTold(ctx context.Context, log *slog.Logger) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	signal.Ignore(syscall.SIGPIPE)
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-hangups:
				log.Warn("reload is not available yet (hint: restart the gateway)")
			case <-ctx.Done():
				return
			}
		}
	}()
	return ctx, func() {
		stop()
		<-ended
		signal.Stop(hangups)
		signal.Reset(syscall.SIGPIPE)
	}
}

// logFlags adds the flags of the log, and gives what makes it after parsing.
func (s *shell) logFlags(flags *flag.FlagSet) func() (*slog.Logger, error) {
	format := flags.String("log-format", "text", "`form` of the log on standard error: text or json")
	level := flags.String("log-level", "info", "least `level` that is logged: debug, info, warn or error")
	return func() (*slog.Logger, error) {
		var least slog.Level
		if err := least.UnmarshalText([]byte(*level)); err != nil {
			return nil, usagef("-log-level %q is none of debug, info, warn, error", *level)
		}
		if *format != "text" && *format != "json" {
			return nil, usagef("-log-format %q is neither text nor json", *format)
		}
		return logging.New(s.stderr, *format, least), nil
	}
}

// stopped tells whether err is only how a command ends that runs until stopped.
func stopped(err error) bool { return err == nil || errors.Is(err, context.Canceled) }
