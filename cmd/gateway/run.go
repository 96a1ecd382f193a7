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
)

// impatience is how long after the first signal to stop the second one kills. Those
// that come sooner are the same word: timeout(1), for one, sends each to the process
// and to its group as well.
const impatience = time.Second

func (s *shell) runGateway(ctx context.Context, flags *flag.FlagSet, args []string) error {
	file := configFlag(flags)
	makeLog := s.logFlags(flags, "info")
	if err := parse(flags, args, 0, 0); err != nil {
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
	ctx, hangups, stop := untilTold(ctx, impatience)
	defer stop()
	return s.serve(ctx, daemon.Options{File: path, Config: settings, Watch: watch, Reload: hangups, Log: log})
}

// serve runs the daemon until ctx ends.
func (s *shell) serve(ctx context.Context, o daemon.Options) error {
	o.Getenv = s.getenv
	o.Version, _ = build()
	return daemon.Run(ctx, o)
}

// untilTold gives a context that the first SIGTERM or Ctrl-C ends; one more, after
// impatience, kills the process. SIGHUP is how a daemon is told to reload, and must not end
// it; nor must a log that nobody reads any more: readings matter more.
func untilTold(ctx context.Context, impatience time.Duration) (_ context.Context, hangups <-chan os.Signal, stop func()) {
	ctx, stopNotify := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() { time.AfterFunc(impatience, stopNotify) })
	signal.Ignore(syscall.SIGPIPE)
	hung := make(chan os.Signal, 1)
	signal.Notify(hung, syscall.SIGHUP)
	return ctx, hung, func() {
		stopNotify()
		signal.Stop(hung)
		signal.Reset(syscall.SIGPIPE)
	}
}

// logFlags adds the flags of the log, and gives what makes it after parsing.
func (s *shell) logFlags(flags *flag.FlagSet, usual string) func() (*slog.Logger, error) {
	format := flags.String("log-format", "text", "`format` of the log on standard error: text or json")
	level := flags.String("log-level", usual, "least `level` that is logged: debug, info, warn or error")
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
