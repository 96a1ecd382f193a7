// Package mosquittotest runs a real mosquitto for a test: on a free loopback port,
// in a folder of its own, with the configuration lines of the test. A test can stop,
// kill and restart it on the same port, and read its log.
//
// An Authority issues certificates for it and its clients. A Network between clients
// and broker can be cut at any byte.
//
// It knows mosquitto and nothing of this project. It never skips: without mosquitto
// the test fails, with a hint.
package mosquittotest
