// Package autodetect listens on ports that no device has, for boards that say who they
// are, and, where such are wanted, for those that only print lines.
//
// To open a port resets most boards, so that nothing here runs unless a user asked
// for it. Each free port is opened once for each time that it is plugged in, when no
// other program has it, and read at the rate at which it is text. A board that
// speaks the protocol of docs/protocol.md is asked for its hello where it did not say
// it by itself; to any other nothing is written, and after [Patience] its port is
// closed and let alone.
//
// What a board has said with a checksum until its hello was whole is handed on with
// it, and all lines of one that only prints them: what was read is not lost. The port
// is closed by then, with DTR left up, so that the next open does not reset the board
// again.
//
// The package decides about no device; it knows ports, and no broker. What is
// written to a board decides package hello.
package autodetect
