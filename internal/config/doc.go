// Package config turns devices.yaml into valid devices, or into a list of all
// that is wrong with it, each with file, line and column.
//
// What comes out needs no further checks: every default is filled in, every
// name is a topic level, no client ID and no port stands twice. The package
// opens nothing that the file names; Load and Inspect open the file itself.
package config
