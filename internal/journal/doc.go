// Package journal keeps the unfinished commands of a device in a file. After a kill of the
// gateway, every command still gets its result and none runs twice.
//
// A command is in the journal from its arrival until the broker has its result. The
// journal also knows the last commands that came with an MQTT packet identifier, because
// a broker delivers again what it has no acknowledgement for.
//
// A record is one line of JSON, appended with one write, so what was written before a
// kill is there after it. Nothing is synced: a kill does not touch the kernel's memory. A
// power cut can lose the last records, or all. [Journal.Rebooted] then reports that the
// machine was restarted, and a command without a record of having been sent may have been
// sent.
//
// [Journal.Remove] deletes the file of a removed device as soon as the broker has the
// result of each command in it. [Devices] lists the devices that have a file.
//
// If the file cannot be written, the journal logs this once and works in memory. The
// package knows no boards and no topics.
package journal
