// Package arq is the gateway's end of the numbered commands of docs/protocol.md: an
// automatic repeat request with a window of four. It decides which line goes to the
// board next, when to repeat it, and what happened to each command.
//
// A [Machine] is the state machine of one board. Its owner reports events
// ([Machine.Opened], [Machine.Heard], [Machine.Put], [Machine.Closed]) and calls
// [Machine.Next], which returns the line to write now or the time of the next call.
// Sessions, numbers, repeats and credit are in this package only, and so is what a
// closed port, a restart of the gateway or a reset of the board means for the commands
// in flight. [Machine.Outcomes] returns each command once, with what is known about it:
//
//   - Done: the board ran it once.
//   - Refused: the board did not run it and will not. The text is the board's reason.
//   - Unknown: it was sent and may have run. It is never sent again.
//   - Back: it did not run. It runs only if the owner puts it in again.
//
// [Drive] is the loop that writes a machine's lines and waits between them.
//
// A Machine does no I/O, starts no goroutine and reads no clock: each call takes the
// time. It is not for concurrent use. The package knows the grammar of package protocol.
// It knows no topics, files or ports.
package arq
