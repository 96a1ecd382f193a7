package main

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"arduino-gateway/internal/daemon"
	"arduino-gateway/internal/filewatch"
	"arduino-gateway/internal/logging"
	"arduino-gateway/internal/plaintext"
)

// killAfter is how long after the first signal to stop a second one kills the process.
// An earlier one counts as the same: timeout(1), for example, sends each signal to the
// process and to its group as well.
const killAfter = time.Second

func (s *shell) runGateway(ctx context.Context, flags *flag.FlagSet, args []string) error {
	file := configFlag(flags)
	makeLog := s.logFlags(flags, "info")
	if err := parse(flags, args); err != nil {
		return err
	}
	log, err := makeLog()
	if err != nil {
		return err
	}
	path, err := find(*file)
	if err != nil {
		return err
	}
	watch := filewatch.New(log)
	watch.Watch(path)
	settings, err := s.load(path)
	if err != nil {
		return err
	}
	ctx, hangups, stop := untilStopped(ctx, killAfter)
	defer stop()
	return s.serve(ctx, daemon.Options{File: path, Config: settings, Watch: watch, Reload: hangups, Log: log})
}

// serve runs the daemon until ctx ends.
func (s *shell) serve(ctx context.Context, o daemon.Options) error {
	o.Getenv = s.getenv
	o.Version, _ = build()
	return daemon.Run(ctx, o)
}

// untilStopped returns a context that the first SIGTERM or Ctrl-C ends; a second one,
// after killAfter, kills the process. SIGHUP asks a daemon to reload, and must not end
// it. A closed standard error must not end it either: readings matter more than the log.
func untilStopped(ctx context.Context, killAfter time.Duration) (_ context.Context, hangups <-chan os.Signal, stop func()) {
	ctx, stopNotify := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() { time.AfterFunc(killAfter, stopNotify) })
	signal.Ignore(syscall.SIGPIPE)
	hung := make(chan os.Signal, 1)
	signal.Notify(hung, syscall.SIGHUP)
	return ctx, hung, func() {
		stopNotify()
		signal.Stop(hung)
		signal.Reset(syscall.SIGPIPE)
	}
}

// logFlags adds the flags of the log. It returns a function that makes the log once they
// are parsed.
func (s *shell) logFlags(flags *flag.FlagSet, usual string) func() (*slog.Logger, error) {
	format := flags.String("log-format", "text", "`format` of the log on standard error: text or json")
	level := flags.String("log-level", usual, "lowest `level` that is logged: debug, info, warn or error")
	return func() (*slog.Logger, error) {
		var least slog.Level
		if err := least.UnmarshalText([]byte(*level)); err != nil {
			return nil, usagef("-log-level %q: must be debug, info, warn or error", *level)
		}
		if *format != "text" && *format != "json" {
			return nil, usagef("-log-format %q: must be text or json", *format)
		}
		return logging.New(plaintext.Raw(s.stderr), *format, least), nil
	}
}

// stopped reports whether err is nil, or only says that the command was stopped.
func stopped(err error) bool { return err == nil || errors.Is(err, context.Canceled) }
