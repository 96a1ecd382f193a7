// Package reach says why a host cannot be talked to, and what a person can do
// about it, for all that dial one: a broker, or a server of serial ports.
//
// It knows the errors of the net package and of the operating systems. It dials
// nothing, and does not know what is at the host.
package reach
