// Package hello gets a board to describe itself with the hello of docs/protocol.md. A
// board sends its hello at boot, and when it is asked.
//
// An [Asker] is the handler of a port that its caller keeps open. It writes nothing to a
// board before a line with a valid checksum has shown that the board speaks the protocol.
// Then it asks until the hello is complete. It begins no session and sends no command.
//
// A [Backlog] holds the lines of a board until the board is identified.
//
// The package knows the protocol. It knows neither ports nor what a board is for.
package hello
