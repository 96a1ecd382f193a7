// Package backlog keeps the lines of a device in the spool until the broker has
// them. A [Queue] encodes a line as a record and decodes it for the session. A
// [Reporter] logs how many lines wait.
//
// It knows what a record means, which the spool does not, and where records are,
// which the gateway and the sessions do not. It does not know brokers or ports.
package backlog
