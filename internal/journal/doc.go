// Package journal remembers the commands that a device has in hand in a file, so
// that a gateway that is killed owes nobody a result, and runs nothing twice.
//
// A record is one line of JSON, appended with one write: what was written before
// a kill is there after it. Nothing is synced, since a kill leaves the kernel's
// memory alone. A power cut may cost the last records, or all; the journal tells
// then that the machine was started anew ([Journal.Rebooted]), and what it holds
// as not sent may have been.
//
// A command is in the journal from its arrival until the broker has its result.
// Beyond that the last commands that came with a packet identifier are known,
// since a broker delivers again what it had no acknowledgement for.
//
// The file of a device that is no more goes when the broker has the result of each
// command in it ([Journal.Remove]); [Devices] tells which there are.
//
// Where the file can't be written the journal works on without it, and tells it
// once.
package journal
