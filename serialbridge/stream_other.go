//go:build !linux

package serialbridge

// libraryStream leaves the bytes to the library.
type libraryStream struct{ readWriter }

// freeWriter does nothing: the discard wakes the writer here.
func (libraryStream) freeWriter() {}
