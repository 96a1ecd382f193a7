// Package rules decides which readings of a line are published, by the settings of each
// reading in devices.yaml: ignore, bounds, dead band, intervals and another name.
//
// The checks have the order ignore, bounds, deadband, min_interval. Each value is compared
// with the last published value, not with the last one read. A value that comes before its
// min_interval has passed is held until [Rules.Due] returns it; a newer value replaces it.
// So the last state of a door that opens and closes within a second is published.
//
// The package knows values and their bounds. Each call takes the time: the package reads no
// clock and starts no goroutine. It knows no lines, queues or topics.
package rules
