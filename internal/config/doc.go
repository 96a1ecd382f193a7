// Package config turns devices.yaml into valid devices, or into a list of all its
// problems, each with file, line and column.
//
// The result needs no further checks: every default is filled in, every name is a
// valid topic level, and no client ID and no port occurs twice. The package opens
// nothing that the file names; Load and Inspect open only the file itself.
package config
