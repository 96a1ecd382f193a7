// Package mqttbridge keeps a device connected to the broker as an MQTT client
// of its own: readings go out until the broker has acknowledged them, commands
// come in, and a retained status tells whether the device is online.
//
// A [Session] belongs to one client ID. Its Run connects, and after every loss
// connects again, for ever, with a growing and random wait; a broker that is
// away at the start is the same case. A cancelled Run stops in order: it gives
// what the [Source] still holds [DrainTime] to be acknowledged, publishes
// "offline" and sends DISCONNECT.
//
// # Delivery
//
// What the library calls a completed token is no proof that the broker has a
// message. The proof is its PUBACK, and only that makes a Session tell the
// Source to forget a line. Every connection starts again at the first line that
// has none, so that nothing is lost and nothing overtakes; what was on its way
// when a connection broke may arrive twice. At QoS 0 a line is forgotten when
// it is handed to an open connection.
//
// # How it works
//
//	Source → pump ──────→ connection → broker
//	Source ← ledger ← PUBACK ←─┤
//	       Handler ← PUBLISH ←─┴─→ paho: all other packets
//
// One goroutine, the pump, publishes everything of a connection: the status
// first, then results of commands and what is to be retained, then readings. It has at most a window of
// readings unacknowledged. What there is to publish at one time leaves with one
// system call, with no timer involved.
//
// paho connects, subscribes and keeps the connection alive. What is published,
// either way, and its PUBACKs pass it by: on its way through paho a line would be
// handed on between five goroutines, and a command between three. They share the
// connection; packet identifiers from 0x8000 on are the pump's. A command is
// handed on by the goroutine that reads it, and acknowledged when it has been. Of
// a message too long to be one only the beginning is kept.
//
// Decisions are plain functions and types without clock or lock: backoff,
// window, topics, payload and the words for a broker's refusal.
//
// # Limits
//
// This is the only package that imports paho. It knows brokers, topics and the
// shape of payloads. It never touches a serial port or a file, checks no
// command, and never blocks its [Handler]'s or [Source]'s owner.
package mqttbridge
