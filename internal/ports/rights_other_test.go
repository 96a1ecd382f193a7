//go:build !linux

package ports

// giveUpRights does nothing: tests do not run as root here.
func giveUpRights() {}
