// Package device holds the values that all other packages share: a [Device] and its
// configuration, the [Line] that a board printed with its [Reading] values, the [Message]
// that came for a device, the [Command] that a device accepts, and its [Result].
//
// The package knows names, units and bounds. It does no I/O, reads no clock, and knows
// neither JSON nor YAML: the package that makes a value sets its time, and the package
// that publishes it encodes it.
package device
