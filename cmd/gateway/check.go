package main

import (
	"context"
	"flag"
	"fmt"

	"arduino-gateway/internal/config"
)

func (s *shell) check(_ context.Context, flags *flag.FlagSet, args []string) error {
	file := configFlag(flags)
	if err := parse(flags, args, 0, 0); err != nil {
		return err
	}
	settings, err := s.load(*file)
	if err != nil {
		return err
	}
	for _, line := range config.Explain(settings) {
		fmt.Fprintln(s.stdout, line)
	}
	return nil
}
