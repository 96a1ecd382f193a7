package main

import (
	"context"
	"flag"

	"arduino-gateway/internal/config"
	"arduino-gateway/internal/doctor"
	"arduino-gateway/internal/reload"
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
	patient := s.patient(*file)
	patient.TimeServer = *server
	found := doctor.Run(ctx, doctor.Limit, patient.Checks())
	show := doctor.Print
	if *asJSON {
		show = doctor.PrintJSON
	}
	if err := show(s.stdout, found); err != nil {
		return err
	}
	if doctor.Failed(found) {
		return errTold
	}
	return nil
}

// patient reads the configuration and what it names, as far as that can be done.
func (s *shell) patient(file string) doctor.Patient {
	p := doctor.Patient{Machine: thisMachine(s.getenv), Self: self()}
	if p.File, p.Missing = find(file); p.Missing != nil {
		return p
	}
	if p.Config, p.Problems = config.Load(p.File, s.getenv); p.Config == nil {
		return p
	}
	files, err := readFiles(p.Config, s.getenv)
	if err == nil {
		p.Session, err = sessionOptions(reload.State{Config: p.Config, Files: files})
	}
	p.Unready = err
	p.Config = withFound(p.Config, p.Machine)
	return p
}
