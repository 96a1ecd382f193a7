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
	"arduino-gateway/internal/plaintext"
)

// doctor prints what keeps the gateway from working, and how to fix it.
func (s *shell) doctor(ctx context.Context, flags *flag.FlagSet, args []string) error {
	file := configFlag(flags)
	asJSON := flags.Bool("json", false, "print a JSON array, for scripts")
	server := flags.String("time-server", "pool.ntp.org", "time `server` to compare the clock with; \"\" skips this check")
	if err := parse(flags, args); err != nil {
		return err
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	target := s.target(*file)
	target.TimeServer = *server
	findings := doctor.Run(ctx, doctor.Limit, target.Checks())
	if err := s.printFindings(findings, *asJSON); err != nil {
		return err
	}
	if doctor.Failed(findings) {
		return errReported
	}
	return nil
}

func (s *shell) printFindings(findings []doctor.Finding, asJSON bool) error {
	if asJSON {
		return printJSON(s.stdout, findings)
	}
	_, err := io.WriteString(s.stdout, findingsText(findings))
	return err
}

// findingsText returns one line per finding, and below it how to fix it.
func findingsText(findings []doctor.Finding) string {
	width := 0
	for _, f := range findings {
		width = max(width, utf8.RuneCountInString(f.Check))
	}
	var text strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&text, "%-4s  %-*s  %s\n", f.Level, width, plaintext.Line(f.Check), plaintext.Line(f.What))
		if f.Fix != "" {
			fmt.Fprintf(&text, "%6s%s\n", "", plaintext.Line(f.Fix))
		}
	}
	return text.String()
}

// target reads the configuration and the files that it names, as far as possible.
func (s *shell) target(file string) doctor.Target {
	t := doctor.Target{Machine: daemon.Machine(s.getenv), Self: self()}
	if t.File, t.Missing = find(file); t.Missing != nil {
		return t
	}
	bauds := func(c *config.Config) []config.Problem { return daemon.CheckBauds(c, t.Machine) }
	if t.Config, t.Problems = config.Inspect(t.File, s.getenv, bauds); t.Config == nil {
		return t
	}
	t.Session, t.Unready = daemon.SessionOptions(t.Config, s.getenv)
	t.Config = daemon.WithDetected(t.Config, t.Machine)
	return t
}
