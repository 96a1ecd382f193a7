// Package sketches holds a test: every example of the Arduino IDE that prints
// text, compiled as it is and run on a simulated Uno, is read by the real serial
// code and the real parser without a setting. What becomes of its lines stands
// in testdata, and as a table in docs/sketches.md; go test -update writes both.
package sketches
