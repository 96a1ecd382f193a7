package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"arduino-gateway/internal/config"
)

// places are searched in order where no -c is given.
var places = []string{"devices.yaml", "/etc/gateway/devices.yaml"}

func configFlag(flags *flag.FlagSet) *string {
	return flags.String("c", "", "configuration `file` (default ./devices.yaml, then /etc/gateway/devices.yaml)")
}

// find gives the file that -c names, or the first of places that is there.
func find(file string) (string, error) {
	if file != "" {
		return file, nil
	}
	for _, place := range places {
		if _, err := os.Stat(place); !errors.Is(err, fs.ErrNotExist) {
			return place, nil
		}
	}
	return "", fmt.Errorf("no configuration: neither %s is there (hint: name one with -c, write one with gateway init, or begin with gateway demo)",
		strings.Join(places, " nor "))
}

// load reads the configuration. Every problem is told on standard error;
// warnings alone still give a configuration.
func (s *shell) load(file string) (*config.Config, error) {
	path, err := find(file)
	if err != nil {
		return nil, err
	}
	settings, problems := config.Load(path, s.getenv)
	return settings, s.told(problems)
}

// told prints each problem, and gives errTold where one is more than a warning.
func (s *shell) told(problems config.Problems) error {
	for _, problem := range problems {
		fmt.Fprintln(s.stderr, problem)
	}
	if problems.Err() != nil {
		return errTold
	}
	return nil
}
