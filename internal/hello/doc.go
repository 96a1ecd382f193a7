// Package hello gets a board to say who it is: its hello of docs/protocol.md, which
// it says at its boot or when it is asked.
//
// Nothing is written to a board before a line with a right checksum has shown that
// it speaks the protocol. Then it is asked until its hello is whole, and no more:
// no session is begun.
//
// What it says meanwhile waits in a [Backlog], of which whoever has it makes something
// when the board is known.
//
// An [Asker] is the handler of a port that somebody else keeps open. It knows the
// protocol, and neither ports nor what a board is for.
package hello
