// Package broker is the built-in MQTT broker, for users without one: for the demo,
// and for a gateway with `mqtt.broker: embedded`. It speaks MQTT 3.1, 3.1.1 and 5
// over TCP, with retained messages, wills, QoS 0 to 2 and users.
//
// A Broker listens on loopback. On any other address it starts only with users, and
// then every client needs a name and a password. Passwords are kept as bcrypt
// hashes in a file of `name:hash` lines (ParseUsers, WriteUser, HashPassword).
//
// Clients are of two kinds: the sessions of the gateway itself, which log in with
// Credentials and may do everything, and guests. What Protect names is the gateway's
// alone (protected.go).
//
// Everything has a limit: guests, connections without a login (strangers.go), the size
// of a packet, the levels of a topic and of all subscriptions, sessions, the bytes that
// wait for clients and those that are retained, the time to log in, the time of a write.
// It does not promise three things. A subscriber that reads too slowly loses messages,
// even at QoS 1. A PUBACK means that a message is retained, not that the subscribers have
// it, so that a client that subscribes in between may get it twice. And all messages are
// lost when the process ends.
//
// It is the only package that imports the broker library, and it closes the gaps
// that matter to a daemon that runs for years:
//
//   - The library's own listener waits for ever for a CONNECT, and stops at the
//     first failed accept. Ours (listener.go) gives a connection ten seconds to
//     log in, retries, and closes every connection when it closes.
//   - When a client connects again, the library publishes the will of its old
//     connection some time after the new one is up: "offline" over a fresh
//     "online". Here a client ID has one owner (owners.go), and the next connection
//     continues only when the one before has ended, will included.
//   - The library's default forgets retained messages after a day, and drops
//     those above the limit of pending writes at a SUBSCRIBE. Here they stay, and a
//     subscriber gets them at its own pace (hook.go).
//   - The library confuses packet identifiers of the two directions (ids.go), and
//     deadlocks over an MQTT 5 client with a receive maximum (hook.go).
//   - It sends the messages of a kept session in any order, all with the DUP flag
//     (outbox.go), and removes no subscriptions of an expired one (sessions.go).
//   - Its log warns about every client that closes its connection, and quotes
//     packets, credentials included. Here that is debug, without the packets
//     (quiet.go).
//
// It reads no configuration, writes no file except in WriteUser, and knows nothing
// of devices.
package broker
