//go:build !linux

package ports

import "io/fs"

// knownNoTerminal is not known without /proc.
func (m Machine) knownNoTerminal(fs.FileInfo) bool { return false }
