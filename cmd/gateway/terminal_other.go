//go:build !linux && !darwin

package main

import "os"

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// hideInput hides nothing here: the password is seen while it is typed.
func hideInput(*os.File) (restore func(), err error) { return func() {}, nil }
