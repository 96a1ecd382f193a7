// Package history keeps the last hour of each board in bounded memory. For each reading
// it has the lowest and highest number of every two seconds, which is enough for a
// chart, and the newest text. It also has the last lines, with the readings in them.
//
// A Store has a Recorder for each device. The goroutine that reads a port calls it for
// every line, so this must be cheap: no allocation, one lock, a copy of the line, and
// for each reading a comparison of names and the parsing of a number. Any goroutine may
// read from it at any time.
//
// A reading takes 14.4 kB, and a device has up to MaxReadings of them: 32 boards with
// ten each take 4.6 MB. The numbers keep seven digits, which is enough for drawing. The
// MaxLines lines of a device take about 20 kB.
//
// Times are those of the process, not of the wall clock: if the clock is set, a chart is
// neither emptied nor distorted. The package does no I/O, and knows neither ports nor
// pages.
package history
