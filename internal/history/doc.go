// Package history remembers what the boards said in the last hour, in bounded
// memory: of each reading the lowest and highest number of every two seconds,
// which is what a chart can show, and its newest text; and the last lines, with what
// was made of them.
//
// A Store has a Recorder for each device. The goroutine that reads a port feeds
// it line by line, so that this must be cheap: no allocation, one lock, the line
// copied, a comparison of names and a number parsed for each reading. Whoever looks
// asks at any time from any goroutine.
//
// A reading takes 14.4 kB, and a device has MaxReadings of them: 32 boards with
// ten each are 4.6 MB. The numbers keep seven digits; they are for drawing. Its
// MaxLines lines take some 20 kB.
//
// Time is that of the process, not the wall's: a clock that is set neither
// empties nor bends a chart. The package does no I/O, and knows neither ports
// nor pages.
package history
