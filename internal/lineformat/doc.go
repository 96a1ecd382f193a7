// Package lineformat is the grammar of what boards print: bytes in, readings out.
//
// A Framer cuts a byte stream into lines. It never hands on half a line: after
// an open it drops what comes before the first line ending, unless it is told that
// a line begins, and a line longer than MaxLine is dropped whole and counted.
//
// A Parser turns one line into device.Readings, by the format of its device.
// It takes sketches as they are, and refuses with a reason what it does not
// wholly understand: a boot banner must not become a reading. The text of a
// value is passed on as the board wrote it; only a unit behind a number is
// split off. docs/lines.md is the same grammar told to users, and its tables
// are run as tests.
//
// The package knows bytes and device values. It opens nothing, starts no
// goroutine, asks no clock, logs nothing, and keeps nothing of one line for the
// next but the spelling of names and a header. A line costs no allocation: the
// values are pieces of it, valid as long as it is. Which names a topic can't
// have is not its business.
package lineformat
