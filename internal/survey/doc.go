// Package survey looks at the boards that are plugged in, listens to each for a
// few seconds, and writes the devices.yaml with which the gateway publishes what
// they say.
//
// [Choose] decides which ports are worth listening to: none that another program
// has, or that may not be opened. [Listen] opens one, which resets most boards,
// and gives what came, at the rate at which it is text; that is found as a
// gateway with baud: auto finds it. A board that speaks the protocol of
// docs/protocol.md says hello there, by itself or asked by package hello; to any
// other nothing is written. [Digest] finds the readings in the lines of such, as
// the gateway will, and [File.Text] is the file.
//
// The package writes no file, and knows no broker.
package survey
