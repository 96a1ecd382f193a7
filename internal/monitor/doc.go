// Package monitor lets a person watch a device of the running gateway: what
// comes in, what it was decoded to, what goes out, what was refused and why.
//
// Whoever handles lines asks Hub.Active and, only where somebody watches, makes
// an Event and calls Hub.Publish. Both cost nothing worth measuring while nobody
// watches, and neither ever blocks: each watcher has a bounded queue, and one
// who reads too slowly loses the oldest events and is told how many.
//
// The package reads no port, knows no MQTT, and stores nothing. How events come
// to another process is internal/control's.
package monitor
