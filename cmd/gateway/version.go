package main

import (
	"context"
	"flag"
	"fmt"
	"runtime"
	"runtime/debug"
)

func (s *shell) version(_ context.Context, flags *flag.FlagSet, args []string) error {
	if err := parse(flags, args, 0, 0); err != nil {
		return err
	}
	version, commit := build()
	fmt.Fprintf(s.stdout, "gateway %s, commit %s, %s %s/%s\n", version, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

// build tells version and commit as the Go toolchain stamped them.
func build() (version, commit string) {
	version, commit = "(devel)", "unknown"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version, commit
	}
	if info.Main.Version != "" {
		version = info.Main.Version
	}
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			commit = setting.Value
		case "vcs.modified":
			if setting.Value == "true" {
				commit += " (modified)"
			}
		}
	}
	return version, commit
}
