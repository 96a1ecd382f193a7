// Package ser2nettest runs a real ser2net for a test: on a free loopback port,
// serving one serial device, which may be a pty. A test may kill it and restart
// it on the same port.
//
// It knows ser2net and nothing of this project. It never skips: a machine
// without ser2net fails the test, with a hint.
package ser2nettest
