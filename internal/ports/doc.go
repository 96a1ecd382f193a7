// Package ports knows which serial ports this machine has, which board or chip
// is behind each, what to write as port: in devices.yaml so that the board is
// found again in any socket or after any restart, who holds a port, and what is
// wrong with it.
//
// [Machine.List] reads /sys, /dev, /proc and /run, and never opens a port: to
// open one resets an Uno. [Resolve] finds the one port that a port: value means,
// or says which it could be and how to tell them apart. A [Tracker] does so for
// the devices of a running gateway, wakes them when a board is plugged in, and
// lets no two of them have one port.
//
// A device that cannot be read as it should is listed with what is known of it;
// it never hides the others. Elsewhere than on Linux there is no /sys, and so
// nothing but paths.
//
// The package never opens a port, and knows neither devices.yaml nor what the
// gateway does with a port.
package ports
