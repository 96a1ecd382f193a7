// Package avr runs real firmware without a board. It compiles Arduino sketches
// with the real core, and runs them on a simulated Arduino Uno (an ATmega328P at
// 16 MHz) whose serial port is a pty, paced to real time.
//
//	hex, err := avr.Compile(ctx, "Blink/Blink.ino")
//	uno, err := avr.Start(ctx, avr.Options{Hex: hex, Link: "/tmp/blink"})
//	defer uno.Close()
//	err = uno.WaitPin(ctx, "D13", avr.High)
//
// A program that opens [Uno.Port] meets the habits of the board: it resets when
// the port is opened, sends garbage at the wrong baud rate, keeps 63 bytes of a
// burst while its loop is busy, and loses the rest. An Uno takes 0.15 of a core
// while its sketch spins, 0.05 while it sleeps.
//
// The simulator is a C program of ours on libsimavr, in the folder unosim. Its
// source is part of this package and is compiled once, into the user's cache. It
// is a separate process and never linked in: libsimavr is under the GPL, version
// 3, and aborts its process when it fails. The child ends with its parent,
// however that ends. If the CPU stops for good, as after a write beyond its RAM, the
// child ends too, and each further call returns the place and the reason.
//
// The package is for tests and demonstrations. It knows nothing of MQTT, of the
// bridges or of their configuration. It needs Linux, and for all but the pin
// names these Debian packages:
//
//	apt-get install -y --no-install-recommends \
//		arduino-core-avr arduino-builder libsimavr-dev gcc libc6-dev
//
// It never installs anything itself. If a package is missing, the error names
// it.
package avr
