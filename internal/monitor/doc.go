// Package monitor lets a person watch a device of the running gateway: each line that
// comes in with its readings, each line that goes out, and each refusal with its
// reason.
//
// The code that handles lines asks Hub.Active. Only if a watcher is there, it makes an
// Event and calls Hub.Publish. Both cost almost nothing without a watcher, and never
// block: each watcher has a bounded queue. A watcher that reads too slowly loses the
// oldest events, and the next event says how many.
//
// The package reads no port, knows no MQTT, and stores nothing. Package
// internal/control sends the events to other processes.
package monitor
