package main

import (
	"context"
	"flag"
	"fmt"

	"arduino-gateway/internal/config"
	"arduino-gateway/internal/daemon"
)

func (s *shell) check(_ context.Context, flags *flag.FlagSet, args []string) error {
	file := configFlag(flags)
	lines := flags.String("lines", "", "show what the configuration makes of the lines in this `file`; - is standard input")
	of := flags.String("d", "", "with -lines: read them as the lines of this `device`")
	if err := parse(flags, args); err != nil {
		return err
	}
	if *lines != "" {
		return s.checkLines(*file, *lines, *of)
	}
	if *of != "" {
		return usagef("-d needs -lines")
	}
	path, err := find(*file)
	if err != nil {
		return err
	}
	settings, problems := config.Inspect(path, s.getenv, func(c *config.Config) []config.Problem {
		return append(daemon.CheckFiles(c, s.getenv), daemon.CheckBauds(c, daemon.Machine(s.getenv))...)
	})
	if err := s.report(problems); err != nil {
		return err
	}
	for _, line := range config.Explain(settings) {
		fmt.Fprintln(s.stdout, line)
	}
	return nil
}
