//go:build !linux

package rawio

import "os"

// File is a file in memory. On this system its own calls do as well.
type File struct{ *os.File }

// NewFile returns a File for an open file, and takes it over.
func NewFile(f *os.File) *File { return &File{f} }
