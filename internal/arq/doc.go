// Package arq decides what goes to a board that confirms commands, and
// what became of each: docs/protocol.md, "What the gateway does", as a state
// machine. Sessions, numbers, the window of four, repeats, credit, and what a
// lost port, a restart of the gateway or a reset of the board mean for what was
// in hand, are all here and nowhere else.
//
// An Exchange is told what happens ([Exchange.Opened], [Exchange.Heard],
// [Exchange.Put], [Exchange.Closed]) and asked what to do ([Exchange.Next]): to
// write a line, or to be asked again at a time. [Exchange.Outcomes] gives each
// command back once, with the truth about it:
//
//   - Done: the board ran it, once;
//   - Refused, with the board's words: it did not run, and will not;
//   - Unknown: it was sent, may have run, and is never sent again;
//   - Back: it did not run, and will not unless it is put in once more.
//
// The package opens nothing, starts nothing, and asks no clock: time comes with
// each call. It is not for concurrent use. It knows the grammar of package
// protocol, and no topics, files or ports.
package arq
