package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"regexp"
	"runtime"
	"runtime/debug"
)

// version and commit are set by the linker, from the repository's tags: see LDFLAGS in
// the Makefile. They are empty in a binary of plain go build or go install.
var version, commit string

func (s *shell) version(_ context.Context, flags *flag.FlagSet, args []string) error {
	if err := parse(flags, args); err != nil {
		return err
	}
	version, commit := build()
	fmt.Fprintf(s.stdout, "gateway %s, commit %s, %s %s/%s\n", version, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

// build returns the version and the commit of this binary: those of the linker, else
// those that the Go toolchain stamped, else devel and unknown.
func build() (v, c string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	v, c = stamped(info)
	return cmp.Or(version, v), cmp.Or(commit, c)
}

// untagged matches the version that the Go toolchain makes up for a commit without a
// tag: v0.0.0-20261130201247-d1eefd5a0b1c, with +dirty for a changed file.
var untagged = regexp.MustCompile(`^$|^\(devel\)$|[.-]\d{14}-[0-9a-f]{12}(\+dirty)?$`)

// stamped returns what the Go toolchain knows of a binary.
func stamped(info *debug.BuildInfo) (version, commit string) {
	version, commit = info.Main.Version, "unknown"
	if untagged.MatchString(version) {
		version = "devel"
	}
	for _, setting := range info.Settings {
		switch {
		case setting.Key == "vcs.revision":
			commit = setting.Value
		case setting.Key == "vcs.modified" && setting.Value == "true":
			commit += " (modified)"
		}
	}
	return version, commit
}
