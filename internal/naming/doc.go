// Package naming decides which names of readings a device keeps. Only a kept name is
// announced to Home Assistant, remembered over a restart, and given a history. A value is
// published whether or not its name is kept.
//
// A name is kept when it has come in [Times] lines. It is kept at once if devices.yaml or
// the board's hello contains it, or if the board prints less than one line in [Rare]. So
// neither noise nor a line that prints data where a name should be leaves anything behind.
//
// A new name takes the place of the one that has not come for longest. So the names of a
// corrected sketch are never kept out by those of the sketch before.
//
// A [Names] also finds the device that keeps making names. The package knows names and
// times. It does no I/O, starts no goroutine, and reads no clock.
package naming
