// Package rules decides which readings of a line are published, by what
// devices.yaml says of each: bounds, a dead band, intervals, another name, or
// that nobody wants it.
//
// Decisions are made in the order ignore, bounds, deadband, min_interval. What
// was published last counts, not what was read last. A value that comes before
// its min_interval is over is held, the newest in place of an older one, until
// Due gives it: a door that opens and closes within a second is not left open.
//
// The package knows values and their bounds. Time is data; it asks no clock,
// starts no goroutine, and knows nothing of lines, queues or topics.
package rules
