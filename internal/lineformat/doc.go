// Package lineformat is the grammar of what boards print: bytes in, readings
// out.
//
// A Framer cuts a byte stream into lines. It never returns half a line: after an
// open it drops all input before the first line ending, unless the caller says
// that a line begins. A line longer than the bound is dropped whole and counted.
//
// A Parser turns one line into device.Readings, by the format of its device. It
// reads sketches as they are, and refuses with a reason each line it does not
// wholly understand: a boot banner must not become a reading. It passes on the
// text of a value as the board wrote it; it only splits off a unit after a
// number. docs/lines.md explains the same grammar to users, and its tables are
// run as tests.
//
// A Reader is a Parser for the lines of one device in their order: it joins the lines of
// a JSON object, and holds the first line after an open until the next one shows that it
// is whole.
//
// The package knows bytes and device values. It opens nothing, starts no
// goroutine, reads no clock and logs nothing. From one line to the next it keeps
// only the spelling of names and a header. A line costs no allocation: the
// values are parts of it, valid as long as it is. It does not know which names a
// topic cannot have.
package lineformat
