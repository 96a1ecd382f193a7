//go:build !linux

package portowner

import (
	"context"
	"time"
)

// Of returns nil: there is no table of processes to read.
func Of(root string, devices ...string) map[string][]Process { return nil }

// Others returns nil as well.
func Others(ctx context.Context, device string, opened time.Time) []Process { return nil }

// Look returns Unknown.
func Look(root, device string) (State, []Process) { return Unknown, nil }

// SeesAll returns false.
func SeesAll(root string) bool { return false }
