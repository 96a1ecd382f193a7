// Package ports lists the serial ports of this machine: the board or chip behind
// each, the value to write as port: in devices.yaml, the program that has the port
// open, and its problems. The value finds the same board again in any socket and
// after any restart.
//
// [Machine.List] reads /sys, /dev, /proc and /run. [Resolve] returns the one port that
// a port: value means; if several match, its error lists them and how to tell them
// apart. A [Tracker] does this for the devices of a running gateway: it leases each
// port to one device and wakes the others when a board is plugged in. All devices share
// one list of the ports, which is read again only after a change.
//
// A USB device that cannot be read completely is listed with what is known about it;
// it never hides the others. Systems other than Linux have no /sys, so only paths are
// known there.
//
// The package never opens a port, because opening one resets an Uno. It knows neither
// devices.yaml nor what the gateway does with a port.
package ports
