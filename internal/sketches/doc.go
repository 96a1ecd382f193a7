// Package sketches holds a test. It compiles every example of the Arduino IDE
// that prints text, unmodified, runs it on a simulated Uno, and reads it with
// the real serial code and the real parser without any setting. The results are
// in testdata, and as a table in docs/sketches.md; go test -update writes both.
package sketches
