// Package natstest runs a real cluster of three nats-servers for a test, each a
// process with a folder and with free loopback ports of its own. A test can kill and
// restart a node, freeze and thaw it, and part it from the other two.
//
// The test gives it the configuration of a node as an administrator writes it, so that
// what a page of documentation shows is what runs.
//
// It knows nats-server and nothing of this project. It never skips: without
// nats-server the test fails, with a hint.
package natstest
