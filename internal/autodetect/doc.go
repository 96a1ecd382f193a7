// Package autodetect detects boards on ports that no device uses, and remembers them.
//
// A [Detector] opens each free port once per plugging in, unless another program has
// it, and reads it at the rate at which the bytes are text. A board that speaks the
// protocol of docs/protocol.md identifies itself with its hello, and is asked for it
// if necessary. A board that only prints lines is detected if the user wants such
// boards. Nothing is written to it. After [Timeout] the port is closed and ignored
// until it is plugged in again. Opening a port resets most boards, so nothing here
// runs unless the user asked for it.
//
// A detected board comes with what it has printed so far, so no line is lost: the
// lines with a right checksum, or all lines of a board that only prints. Its port is
// closed by then, with DTR left up, so that the next open does not reset it again.
//
// A [Registry] keeps the detected boards in a file. After a restart their devices are
// there before the boards are: waiting lines are published under their names, and
// the status says that they are away.
//
// The package knows ports and one file. It never decides whether a board becomes a
// device, and knows no configuration and no broker. Package hello decides what is
// written to a board.
package autodetect
