package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"arduino-gateway/simulator"
)

func (s *shell) simulate(ctx context.Context, flags *flag.FlagSet, args []string) error {
	if err := parse(flags, args, "SCENARIO.yaml"); err != nil {
		return err
	}
	name := flags.Arg(0)
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	scenario, err := simulator.Load(name, data)
	if err != nil {
		return err
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	simulation, err := simulator.Start(scenario)
	if err != nil {
		return err
	}
	defer simulation.Close()
	for _, board := range simulation.Boards() {
		path, err := filepath.Abs(board.Path())
		if err != nil {
			return err
		}
		fmt.Fprintln(s.stdout, board.Name(), path)
	}
	return simulation.Run(ctx)
}

// interruptible returns a context that ends with Ctrl-C or SIGTERM.
func interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	return signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
}
