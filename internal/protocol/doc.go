// Package protocol is the grammar of docs/protocol.md: the lines of boards that describe
// themselves and confirm commands. They share the wire with plain readings, whose grammar
// is package lineformat.
//
// [Parse] reads a line without its ending. It separates readings, and the state of their
// checksum, from answers and the parts of a hello. A line without a valid checksum is left
// to package lineformat. A [Collector] makes a [device.Description] of a hello, whose lines
// may be repeated or interrupted. [AppendAsk], [AppendSession] and [AppendCommand] write
// the lines to the board. A [Credit] counts how many of their bytes the board's input
// buffer may hold.
//
// The package knows bytes and device values. It does no I/O, starts no goroutine and reads
// no clock, and it does not decide when to ask, repeat or give up. Parsing a line does not
// allocate: the texts in a [Line] share its memory and are valid as long as it is. A hello
// allocates, and is rare.
package protocol
