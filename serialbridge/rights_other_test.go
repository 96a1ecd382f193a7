//go:build unix && !linux

package serialbridge

// giveUpRights does nothing: tests do not run as root here.
func giveUpRights() {}
