// Package survey listens to the boards that are plugged in for a few seconds, and
// generates the devices.yaml with which the gateway publishes their readings.
//
// [Choose] selects the ports to listen to. It skips those that another program has
// open or that this user may not open. [Listen] opens a port, which resets most boards,
// and returns the received lines and their baud rate. It detects the rate as a gateway
// with baud: auto does. A board that speaks the protocol of docs/protocol.md says
// hello, by itself or when package hello asks; nothing is written to any other board.
// [Digest] parses the lines of the others as the gateway will, and [File.Text] returns
// the file.
//
// The package never writes a file, and knows nothing about the broker.
package survey
