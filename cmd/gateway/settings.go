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

// places are searched in order if -c is not given.
var places = []string{"devices.yaml", "/etc/gateway/devices.yaml"}

func configFlag(flags *flag.FlagSet) *string {
	return flags.String("c", "", "configuration `file` (default ./devices.yaml, then /etc/gateway/devices.yaml)")
}

// find returns the file that -c names, or the first of places that exists.
func find(file string) (string, error) {
	if file != "" {
		return file, nil
	}
	for _, place := range places {
		if _, err := os.Stat(place); !errors.Is(err, fs.ErrNotExist) {
			return place, nil
		}
	}
	return "", fmt.Errorf("no configuration: neither %s exists (hint: name a file with -c, write one with gateway init, or try gateway demo)",
		strings.Join(places, " nor "))
}

// load reads the configuration. It prints every problem on standard error, and returns
// the configuration if all of them are warnings.
func (s *shell) load(file string) (*config.Config, error) {
	path, err := find(file)
	if err != nil {
		return nil, err
	}
	settings, problems := config.Load(path, s.getenv)
	return settings, s.report(problems)
}

// report prints each problem, and returns errReported if one is more than a warning.
func (s *shell) report(problems config.Problems) error {
	for _, problem := range problems {
		fmt.Fprintln(s.stderr, problem)
	}
	if problems.Err() != nil {
		return errReported
	}
	return nil
}
