// Package publisher publishes what a client has to say over its connections to a
// broker, one after the other: the status, results of commands, messages to
// retain, and the lines of a [Source].
//
//	Source ─→ Stream ────→ connection
//	Source ←─ in-flight table ←─ PUBACK
//
// A [Publisher] outlives connections. A [Stream] belongs to one of them: its Run,
// in one goroutine, publishes the status first, then what is queued, then lines.
// At most a window of lines is unacknowledged. Everything that is there to
// publish at one time leaves with one system call, and nothing waits for a timer.
//
// A line is forgotten when the broker has acknowledged each of its messages, at
// QoS 0 when it was written. Every stream begins again at the first line that was
// not acknowledged, so that nothing is lost and nothing overtakes; what was in
// flight when a connection broke may arrive twice.
//
// It knows topics, payloads and PUBLISH packets. It does not know who reads the
// PUBACKs, opens no connection, and never logs.
package publisher
