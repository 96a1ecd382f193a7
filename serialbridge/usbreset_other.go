//go:build !linux

package serialbridge

import "errors"

// resetUSB is never called: no Place has a node here.
func resetUSB(string) error { return errors.ErrUnsupported }
