package main

import (
	"context"
	"flag"
	"fmt"
	"time"

	"arduino-gateway/internal/control"
)

// defaultPause is long enough for an upload and a look at what the sketch prints.
const defaultPause = 2 * time.Minute

// pause asks the running gateway to close a device's port for a while.
func (s *shell) pause(ctx context.Context, flags *flag.FlagSet, args []string) error {
	file := configFlag(flags)
	length := flags.Duration("for", defaultPause, "`duration` of the pause; 0s ends it now")
	if err := parseMixed(flags, args, "DEVICE"); err != nil {
		return err
	}
	if *length < 0 || *length > control.LongestPause || *length%time.Second != 0 {
		return usagef("-for %v is not a number of seconds up to %v (hint: to free a port for longer, remove the device from devices.yaml)", *length, control.LongestPause)
	}
	if *length == 0 {
		return s.askResume(ctx, *file, flags.Arg(0))
	}
	return s.ask(ctx, *file, func(ctx context.Context, socket string) error {
		p, err := control.Pause(ctx, socket, flags.Arg(0), *length)
		if err != nil {
			return err
		}
		verb := "paused"
		if p.Extended {
			verb = "was paused already, and stays paused"
		}
		fmt.Fprintf(s.stdout, "%s %s until %s: %s is free\n", flags.Arg(0), verb, p.Until.Local().Format(time.TimeOnly), p.Port)
		return nil
	})
}

// resume asks the running gateway to reopen a paused device's port.
func (s *shell) resume(ctx context.Context, flags *flag.FlagSet, args []string) error {
	file := configFlag(flags)
	if err := parseMixed(flags, args, "DEVICE"); err != nil {
		return err
	}
	return s.askResume(ctx, *file, flags.Arg(0))
}

func (s *shell) askResume(ctx context.Context, file, device string) error {
	return s.ask(ctx, file, func(ctx context.Context, socket string) error {
		paused, err := control.Resume(ctx, socket, device)
		if err != nil {
			return err
		}
		outcome := "was not paused"
		if paused {
			outcome = "resumed"
		}
		fmt.Fprintln(s.stdout, device, outcome)
		return nil
	})
}

// forget asks the running gateway to remove the device of a detected board.
func (s *shell) forget(ctx context.Context, flags *flag.FlagSet, args []string) error {
	file := configFlag(flags)
	if err := parseMixed(flags, args, "DEVICE"); err != nil {
		return err
	}
	return s.ask(ctx, *file, func(ctx context.Context, socket string) error {
		if err := control.Forget(ctx, socket, flags.Arg(0)); err != nil {
			return err
		}
		fmt.Fprintln(s.stdout, flags.Arg(0), "forgotten; its retained topics are cleared")
		return nil
	})
}

// ask calls question with the control socket of a configuration's gateway. Ctrl-C ends
// its context.
func (s *shell) ask(ctx context.Context, file string, question func(ctx context.Context, socket string) error) error {
	settings, err := s.load(file)
	if err != nil {
		return err
	}
	socket, err := control.Path(settings.Spool.Dir)
	if err != nil {
		return err
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	return question(ctx, socket)
}
