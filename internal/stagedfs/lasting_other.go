//go:build !linux

package stagedfs

// Lost returns "": what a folder outlives is known only on Linux.
func Lost(string) string { return "" }
