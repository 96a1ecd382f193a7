// Package device holds the nouns that every other package speaks: a Device as
// it was configured, the Line it printed with its Readings, the Command that
// may be sent to it, the Message that brings one, and the Result of having sent it.
//
// It knows names, units and bounds. It does no I/O, asks no clock, and knows
// neither JSON nor YAML: whoever makes a value stamps it, whoever publishes it
// encodes it.
package device
