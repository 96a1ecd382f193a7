// Package stagedfs is the file system beneath the spool. It keeps a disk that hangs
// from stopping the gateway, and a line from waiting for any disk.
//
//	spool → Staged ──────→ stage: a folder in memory (tmpfs)
//	           └─ Sync ──→ Guarded ──→ disk
//
// [Staged] keeps each open file twice: a twin with all bytes, and the file on disk. A
// write goes to the twin. Sync copies to the disk what it does not have yet, and then
// calls fsync. The twins are in a folder of a tmpfs, which outlives the process: after
// a kill the next start finds them and moves them to the disk. A power cut loses what
// was not synced, as with any file system. The stage and the files on disk carry the same
// random token, a new one for each run. So the twins of another disk, or of files that
// were deleted or restored from a copy, are ignored.
//
// Without such a folder (another operating system, a container whose tmpfs ends with
// it) the twins are in the memory of the process, and each write goes to the disk at
// once.
//
// A twin also keeps what a failed fsync may have lost. The kernel marks such pages as
// clean, and the next fsync succeeds without writing them. Therefore the Sync after a
// failed one writes the file anew.
//
// [Guarded] ends the wait for a disk after a time: 2 s, and 10 s for an fsync, which a
// slow card may need. The call itself cannot be ended. Until it returns, every other
// call fails at once with [ErrStuck].
//
// The package knows files and nothing of what is in them. It starts a goroutine for
// each call of a disk; only a call that is stuck in the kernel outlives its caller.
package stagedfs
