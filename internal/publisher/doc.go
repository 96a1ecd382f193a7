// Package publisher publishes for an MQTT client, over one connection after the
// other: the status, results of commands, messages to retain, and the lines of a
// [Source].
//
//	Source ─→ Stream ────→ connection
//	Source ←─ in-flight table ←─ PUBACK
//
// A [Publisher] outlives connections. A [Stream] belongs to one of them. Its Run, in
// one goroutine, publishes the status first, then the queue, then lines. The table
// bounds how many publishes are unacknowledged. The queue is bounded in messages and
// bytes, and drops the oldest. Everything available at one time leaves with one system
// call, and nothing waits for a timer.
//
// A line is forgotten when the broker has acknowledged each of its messages, at
// QoS 0 when it was written. Every stream begins at the first line without PUBACK,
// so that no line is lost and the order stays. Lines in flight when a connection
// breaks may arrive twice.
//
// A message for which the broker closes connection after connection is found by sending
// one at a time, and is put aside: it counts as acknowledged. So does one that MQTT has
// no packet for.
//
// It knows topics, payloads and PUBLISH packets. It reads no packets, opens no
// connection, and never logs.
package publisher
