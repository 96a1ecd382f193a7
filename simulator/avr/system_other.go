//go:build !linux

package avr

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
)

// supported is nil where unosim can run: its pty and its timers are Linux's.
func supported() error {
	return fmt.Errorf("the simulated Arduino runs on Linux only, this is %s: %w", runtime.GOOS, errors.ErrUnsupported)
}

func dieWithParent() *syscall.SysProcAttr { return nil }

func tryLock(*os.File) (bool, error) { return false, errors.ErrUnsupported }

func openPort(string, int) (*os.File, error) { return nil, supported() }
