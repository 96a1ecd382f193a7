//go:build !linux

package serialbridge

// libraryStream leaves the bytes to the libraryStream.
type libraryStream struct{ readWriter }

// freeWriter leaves it to the discard: it wakes the writer here.
func (libraryStream) freeWriter() {}
