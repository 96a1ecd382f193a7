//go:build !linux

package portowner

// Of returns nil: there is no table of processes to read.
func Of(root string, devices ...string) map[string][]Process { return nil }

// Others returns nil as well.
func Others(root, device string) []Process { return nil }
