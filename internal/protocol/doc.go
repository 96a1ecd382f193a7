// Package protocol is the grammar of a board that describes itself and confirms
// commands: docs/protocol.md told to the gateway. Its lines share the wire with
// plain readings, for which package wire is.
//
// Parse looks at a line as it came, without its ending, and tells readings (and
// the state of their checksum) from answers and the parts of a hello. What is
// left of a reading when its checksum is off goes to the parser of package wire.
// A Collector makes a device.Description of a hello, which may come in pieces,
// twice, or with holes. AppendAsk, AppendSession and AppendCommand write the
// lines that go to the board, and a Credit counts how many of their bytes its
// input buffer may hold.
//
// The package knows bytes and device values. It opens nothing, starts nothing,
// asks no clock and decides nothing: when to ask, to repeat or to give up is its
// caller's business. A line costs no allocation; what Parse gives are pieces of
// it, valid as long as it is. A hello does, and comes seldom.
package protocol
