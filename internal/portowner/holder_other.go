//go:build !linux

package portowner

// Of has no table of processes to look into.
func Of(root string, devices ...string) map[string][]Process { return nil }

// Others has none either.
func Others(root, device string) []Process { return nil }
