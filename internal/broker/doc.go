// Package broker is the built-in MQTT broker, for those who have none: the
// demo, and a gateway with `mqtt.broker: embedded`. It speaks MQTT 3.1, 3.1.1
// and 5 over TCP, with retained messages, wills, QoS 0 to 2 and users.
//
// Broker listens on loopback. Elsewhere it starts only with users, and with
// users nobody comes in without a name and a password; the passwords are kept
// as bcrypt hashes in a file of `name:hash` lines (ParseUsers, WriteUser,
// HashPassword).
//
// Everything in it has a bound: connections, the size of a packet, what waits
// for a slow subscriber, retained topics, the time to log in, the time a write
// may take. Three things it does not promise: a subscriber that reads too slowly
// loses messages, even at QoS 1; a PUBACK says that a message is retained, and not
// that the subscribers have it, so that one who comes in between may get it twice;
// and nothing outlives the process.
//
// It is the only package that knows the broker library, and it closes the gaps
// that matter to a daemon that runs for years:
//
//   - The library's own listener waits for ever for a CONNECT, and ends for good
//     at the first failed accept. Ours (listener.go) gives a connection ten
//     seconds to log in, retries, and closes every connection when it closes.
//   - The library publishes the will of a connection that was taken over some
//     time after the new one is up: "offline" over a fresh "online". Here a
//     client ID has one owner (owners.go), and the next connection goes on
//     only when the one before has ended, will and all.
//   - The library's default forgets retained messages after a day, and drops
//     those above the bound of pending writes when somebody subscribes. Here
//     they stay, and a subscriber gets them at its own pace (hook.go).
//   - The library confuses packet identifiers of the two directions (ids.go), and
//     stops for ever over an MQTT 5 client with a receive maximum (hook.go).
//   - Its log speaks at warning level of every client that hangs up, and quotes
//     packets, credentials included. Here that is debug, without the packets
//     (quiet.go).
//
// It reads no configuration, writes no file but by WriteUser, and knows nothing
// of devices.
package broker
