// Package mosquittotest runs a real mosquitto for a test: on a free loopback
// port, in a folder of its own, with whatever configuration lines the test
// needs. It may be stopped, killed and restarted on the same port, and what it
// logged can be read.
//
// An Authority makes certificates for it and its clients.
//
// It knows mosquitto and nothing of this project. It never skips: a machine
// without mosquitto fails the test, with a hint.
package mosquittotest
