// Package queue holds a device's lines in memory between the reader of its
// port and its MQTT session: a first-in, first-out queue, bounded in bytes.
//
// A line enters with Append, is lent to the session with Next, and leaves in
// one of two ways: the broker acknowledged it (Ack), or it was the oldest when
// the queue overflowed with no broker to send to (dropped, and counted). A line
// that was lent and not acknowledged is lent again after Rewind.
//
// What happens when it is full depends on whether somebody is taking lines out:
//
//   - connected: Append blocks once Live bytes wait. The reader stops reading,
//     and the board is slowed down by its own serial link; nothing is lost here.
//   - not connected: nobody knows for how long, so the queue grows to Held bytes
//     and then drops its oldest line for each new one. The newest readings are
//     the ones worth having when the broker is back.
//
// The memory that an outage made it take is given back as the backlog drains.
//
// One goroutine appends, one takes (Next, Rewind), and Ack, SetConnected and
// Stats may come from any. The queue starts no goroutine and asks no clock. It
// never looks into a line beyond its sequence number and its size, and it keeps
// nothing on disk: what it holds is lost with the process.
package queue
