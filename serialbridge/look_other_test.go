//go:build !linux

package serialbridge

// lookSeldom: the library's read cannot be interrupted.
const lookSeldom = lookEvery
