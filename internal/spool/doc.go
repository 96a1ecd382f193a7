// Package spool keeps records on disk between those who make them and those
// who have them acknowledged: a first-in, first-out queue for each device, all
// of them in one log, so that one file is written and one fsync does for all.
//
// It knows files, fsync, sequence numbers and capacity. What a record means it
// never asks.
//
// # The way of a record
//
// Append gives a record its seq, which rises by one for ever, and Commit writes
// it: from then on a killed process loses nothing. Next offers it only then.
// Ack, with the seq that was acknowledged, forgets it and all before it; after
// Rewind Next begins again with the first that is not. Order is by seq; At is
// carried along and may be anything.
//
// The newest records of a queue stay in memory too, so that the usual way never
// reads the disk. A longer backlog is read back a segment at a time, each by
// all queues together. Where nothing will be acknowledged, records can pass by
// the disk altogether; see Queue.SetBypass.
//
// # What may be lost, and what may come twice
//
//   - The process is killed: nothing that was committed. Acknowledgements are
//     written at once, but not more often than every 5 ms, and the last of a
//     storm after 50 ms; what was acknowledged since comes twice.
//   - The power is cut: what waited and was written in the last Options.Sync. What
//     was acknowledged in the last minute may come twice, since a record that
//     does not wait gets no fsync of its own. Every seq goes on 1,048,576 higher
//     than what is found, since the lost ones may have been published. (Only
//     Linux tells a power cut from a killed process; elsewhere seq goes on with
//     what is found.)
//   - The disk is full, read-only or broken: nothing, until 4 MB wait in memory;
//     then the oldest of the queue that has the most there, counted. Every 3 s
//     the disk is tried, and trusted again after an fsync has succeeded. An
//     fsync that failed is the end of its segment.
//   - The log reaches MaxSize: see makeRoom. In short, a device whose backlog is
//     above its share loses its own oldest, counted; no other does.
//   - Files are damaged: the damaged records. Reading goes on at the next valid
//     one, and each such stretch is counted. The newest segment's torn tail is
//     no damage, and is cut off.
//   - The folder can't be used at the start: all is in memory only, until it
//     can. If it turns out then to hold a backlog, that is left for the next
//     start, for its seqs would not fit those given since.
//
// # Files
//
// All numbers are little-endian. A segment is named by its number in 16
// hexadecimal digits, which rises for ever, and .seg. It starts with a head of
// 16 bytes:
//
//	0  "AGSPOOL", then the format's version, 1
//	8  number, 64 bits
//
// A segment with a higher version is left alone. Then records follow without a
// gap:
//
//	0  0xD5, then the kind: 'd' data, 'n' name
//	2  length of the data, 16 bits
//	4  CRC-32C of all from 8 on; it starts from the segment's salt, which is
//	   made of its number, xor the first 32 bits
//	8  FNV-1a hash of the queue's name, 64 bits
//	16 seq; of a name: the last one acknowledged
//	24 time in Unix nanoseconds, the least integer for none; of a name: the last
//	   seq that was given, or up to where it may be given without a record
//	32 data; of a name: the name
//
// A name for each queue stands at every segment's start, and with each group
// commit one for each queue of which something was acknowledged. So one fsync
// makes both durable, and the newest segment alone, which is never deleted,
// knows every seq. A record whose seq is not above the one before it in its
// queue is a copy, from a write that failed halfway or a rewritten segment, and
// is passed over. Segments are not preallocated: a group commit writes a few
// blocks, and the size has to be journalled either way.
//
// The file acks is for killed processes, and needs no fsync. After a head of
// 4096 bytes, with the machine's uptime and whether the spool was closed, it has
// twice a table of 1024 slots (hash of the name, last acknowledged seq,
// checksum; 64 bits each), written in turns: a torn write leaves the other. The
// higher value counts, be it from here or from a name in a segment. If the file
// is damaged, what was acknowledged since the last group commit comes twice, and
// seq goes on with the highest in the segments.
//
// # Concurrency
//
// A queue has one goroutine that appends and commits and one that calls Next
// and Rewind; Ack, SetConnected and Stats may come from any. Run is the
// package's only goroutine, and belongs to whoever calls it. One process uses a
// folder at a time; the caller sees to that.
package spool
