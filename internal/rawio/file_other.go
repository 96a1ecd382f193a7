//go:build !linux

package rawio

import "os"

// File is a file on a disk; here its own calls are as good as any.
type File struct{ *os.File }

// NewFile makes a File of one that is open, and takes it over.
func NewFile(f *os.File) *File { return &File{f} }
