// Package rawio reads and writes a descriptor of the runtime's poller without
// notifying the scheduler.
//
// Go's own Read and Write announce each system call, in case it blocks. The
// announcement wakes the scheduler's monitor thread, which then polls every 20
// µs for a while. For a daemon that sleeps between lines this is the most
// expensive part of a line. A descriptor of the poller never blocks, so nothing
// has to be announced. Measured with 16 boards of 50 lines per second on one
// processor: 117 µs of CPU per line with Go's calls, 57 µs with these.
//
// A [File] does the same for the writes to a tmpfs that a line waits for.
//
// On systems other than Linux the calls are Go's own.
package rawio
