// Package spool keeps records on disk until they are acknowledged. Each device has
// a first-in, first-out queue, and all queues share one log, so that one file is
// written and one fsync serves all.
//
// The package knows files, fsync, sequence numbers and capacity. It never looks at
// what a record means.
//
// # The life of a record
//
// Append assigns a record its seq, which rises by one forever, and Commit writes it to
// the stage of package stagedfs: from then on a killed process loses nothing. A sync
// brings it to the disk. Next returns it only after that.
// Ack removes the record with this seq and all before it. After Rewind, Next starts
// again with the first unacknowledged record. The order is that of the seqs; At is
// stored with a record and may be anything.
//
// The newest records of a queue stay in memory too, so that Next normally does not
// read the disk. A longer backlog is read back a segment at a time, for all queues
// together. If a broker acknowledges nothing, records can bypass the disk; see
// Queue.SetBypass.
//
// # What can be lost, and what can come twice
//
//   - The process is killed: nothing committed is lost. Acknowledgements are
//     written at once, but at most every 5 ms, and the last of a burst after 50 ms;
//     what was acknowledged since then comes twice.
//   - The power is cut: records that waited and were written in the last
//     Options.Sync are lost. What was acknowledged in the last minute may come
//     twice, since a record that does not wait gets no fsync of its own. Every seq
//     continues above the floor that was promised, and 2^30 higher, since the lost
//     ones may have been published. A kill without a stage counts as a power cut in
//     this: nothing proves which seqs were assigned.
//   - The disk is full, read-only or broken: nothing is lost until 4 MB wait in
//     memory. Then the oldest records of the queue with the most in memory are
//     dropped and counted. The disk is tried every 3 s and used again after an
//     fsync has succeeded. A failed fsync ends its segment, which is written anew.
//     Nothing is deleted unless a sync before succeeded.
//   - The disk hangs: as above, after 2 s in a call.
//   - The log reaches MaxSize: see makeRoom. In short, a device whose backlog is
//     above its share loses its own oldest records, counted; no other device does.
//   - Files are damaged: the damaged records are lost. Reading continues at the
//     next valid record, and each damaged stretch is counted. A torn tail of the
//     newest segment does not count as damage and is cut off.
//   - The folder, or a segment in it, cannot be read at the start: everything is in
//     memory only until the folder can be used. What turns up then is appended
//     again, with new seqs, behind what came since.
//
// # Files
//
// All numbers are little-endian. A segment's file name is its number in 16
// hexadecimal digits, which rises forever, and .seg. It starts with a head of 16
// bytes:
//
//	0  "AGSPOOL", then the format's version, 1
//	8  number, 64 bits
//
// A segment with a higher version is ignored and kept. Records follow the head
// without a gap:
//
//	0  0xD5, then the kind: 'd' data, 'n' name
//	2  length of the data, 16 bits
//	4  CRC-32C of everything from 8 on; it starts from the segment's salt, which is
//	   made of its number, xor the first 32 bits
//	8  FNV-1a hash of the queue's name, 64 bits
//	16 seq; in a name record: the last one acknowledged
//	24 time in Unix nanoseconds, the lowest integer for none; in a name record: the
//	   last seq assigned, or the one up to which seqs may be assigned without a record
//	32 data; in a name record: the name
//
// Every segment starts with the floor, which is a name record with the hash of an empty
// name, and with a name record for each queue. The name itself is left out if the run does
// not use the queue and it is empty: its device was removed. Each group commit adds
// one for each queue with new acknowledgements. So one fsync makes both records
// and acknowledgements durable, and the newest segment, which is never deleted,
// alone knows every seq. A record whose seq is not above the previous one of its
// queue is a copy, left by a write that failed halfway or by a compaction, and is
// skipped. Segments are not preallocated: a group commit writes a few blocks, and
// the file system has to journal the size either way.
//
// A segment with the suffix .late is read while the spool runs; see late.
//
// The file acks serves killed processes and needs no fsync. It has a head of 4096
// bytes, with the token of the stage, the floor, and whether the spool was closed or
// its disk had failed. The same table
// of 1024 slots (hash of the name, last acknowledged seq, checksum; 64 bits each)
// follows twice. The tables are written in turns: a torn write leaves the other
// one. The higher seq counts, whether it is from here or from a name record. If the
// file is damaged, what was acknowledged since the last group commit comes twice.
//
// # Types
//
// Spool holds the lock and what concerns several parts: commits, outages of the
// disk, its bound. Beneath it, segmentLog writes and deletes the segments, queueSet
// looks over all queues, schedule says when Run has work, ackFile is the file acks,
// loader reads the last run's files, segmentCache reads a backlog back, and a
// compaction rewrites segments. A Queue has a window in memory and extents on disk.
//
// # Concurrency
//
// One goroutine appends to a queue and commits, and one calls Next and Rewind. Ack,
// SetConnected and Stats may be called from any goroutine. The package starts no
// goroutine of its own: the caller runs Run. Only one process may use a folder at a time; the
// caller sees to that.
package spool
