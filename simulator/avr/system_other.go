//go:build !linux

package avr

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
)

// supported returns an error: the pty and the timers of unosim need Linux.
func supported() error {
	return fmt.Errorf("the simulated Arduino runs on Linux only, not on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}

func dieWithParent() *syscall.SysProcAttr { return nil }

func tryLock(*os.File) (bool, error) { return false, errors.ErrUnsupported }

func openPort(string, int) (*os.File, error) { return nil, supported() }
