//go:build !linux

package serialbridge

// rarePoll is the usual poll: the read of the library cannot be interrupted.
const rarePoll = defaultPoll
