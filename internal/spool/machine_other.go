//go:build !unix

package spool

// syncDir has nothing to do where a folder is no file.
func syncDir(string) error { return nil }

func boot() string { return "" }

func free(string) int64 { return -1 }
