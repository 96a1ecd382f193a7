package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"arduino-gateway/internal/config"
	"arduino-gateway/internal/daemon"
	"arduino-gateway/internal/doctor"
)

// doctor looks for what keeps the gateway from doing its work.
func (s *shell) doctor(ctx context.Context, flags *flag.FlagSet, args []string) error {
	file := configFlag(flags)
	asJSON := flags.Bool("json", false, "print a JSON array, for scripts")
	server := flags.String("time-server", "pool.ntp.org", "time `server` with which the clock is compared; \"\" asks none")
	if err := parse(flags, args, 0, 0); err != nil {
		return err
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	target := s.target(*file)
	target.TimeServer = *server
	found := doctor.Run(ctx, doctor.Limit, target.Checks())
	if err := s.tell(found, *asJSON); err != nil {
		return err
	}
	if doctor.Failed(found) {
		return errTold
	}
	return nil
}

func (s *shell) tell(found []doctor.Finding, asJSON bool) error {
	if asJSON {
		return printJSON(s.stdout, found)
	}
	_, err := io.WriteString(s.stdout, findingsText(found))
	return err
}

// findingsText has a line a finding, and below it what mends it.
func findingsText(found []doctor.Finding) string {
	width := 0
	for _, f := range found {
		width = max(width, utf8.RuneCountInString(f.Check))
	}
	var text strings.Builder
	for _, f := range found {
		fmt.Fprintf(&text, "%-4s  %-*s  %s\n", f.Level, width, printable(f.Check), printable(f.What))
		if f.Fix != "" {
			fmt.Fprintf(&text, "%6s%s\n", "", printable(f.Fix))
		}
	}
	return text.String()
}

// target reads the configuration and what it names, as far as that can be done.
func (s *shell) target(file string) doctor.Target {
	p := doctor.Target{Machine: daemon.Machine(s.getenv), Self: self()}
	if p.File, p.Missing = find(file); p.Missing != nil {
		return p
	}
	if p.Config, p.Problems = config.Load(p.File, s.getenv); p.Config == nil {
		return p
	}
	p.Session, p.Unready = daemon.SessionOptions(p.Config, s.getenv)
	p.Config = daemon.WithDetected(p.Config, p.Machine)
	return p
}
